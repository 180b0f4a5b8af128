import Imaging

/// Which files a run takes, under the keys of its `config.json`.
package protocol ReadSettings {
  /// Images with more pixels are refused from their header.
  var maximumPixels: Int { get set }
  /// Takes files that end early or are damaged as far as they decode.
  var acceptTruncated: Bool { get set }
  /// Takes floats that are infinite or no numbers, brought into the range of the others.
  var acceptNonfinite: Bool { get set }
  /// What the pages of a file are.
  var pages: PageMeaning { get set }
}

extension ReadSettings {
  /// The same for whoever reads files.
  package var reading: ReadOptions {
    get {
      var options = ReadOptions()
      options.maximumPixels = maximumPixels
      options.acceptTruncated = acceptTruncated
      options.acceptNonfinite = acceptNonfinite
      options.pages = pages
      return options
    }
    set {
      maximumPixels = newValue.maximumPixels
      acceptTruncated = newValue.acceptTruncated
      acceptNonfinite = newValue.acceptNonfinite
      pages = newValue.pages
    }
  }
}
