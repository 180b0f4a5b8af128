import Imaging

/// Which files a run takes, under the keys of its `config.json`.
package protocol ReadSettings {
  /// Images with more pixels are refused from their header.
  var maximumPixels: Int { get set }
  /// Takes files that end early or are damaged as far as they decode.
  var acceptTruncated: Bool { get set }
}

extension ReadSettings {
  /// The same for whoever reads files.
  package var reading: ReadOptions {
    get {
      var options = ReadOptions()
      options.maximumPixels = maximumPixels
      options.acceptTruncated = acceptTruncated
      return options
    }
    set {
      maximumPixels = newValue.maximumPixels
      acceptTruncated = newValue.acceptTruncated
    }
  }
}
