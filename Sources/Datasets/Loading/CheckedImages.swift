import Files
import Foundation
import Imaging

/// The images of a folder that can be used, found by decoding each of them once.
package struct CheckedImages: Sendable {
  package let files: [URL]
  /// The others, and why.
  package let skipped: [FileError]
  /// What to know about images that can be used, a line each.
  package let remarks: [String]
  /// The sizes that reach the network, each once.
  package let outputSizes: Set<ImageSize>

  /// Decodes every file and leaves out those that do not decode or are too small.
  ///
  /// - Parameters:
  ///   - minimumSize: the shortest side the networks take, in pixels, after preprocessing.
  ///   - cache: keeps the images, as far as there is room.
  ///   - progress: called with the number of files done, in order.
  ///   - shouldStop: asked ten times a second, also while a large image is decoded.
  /// Throws once `shouldStop` is true.
  package init(
    _ files: [URL], preprocessing: Preprocessing, minimumSize: Int, workers: Int,
    cache: ImageCache = ImageCache(capacity: 0), progress: (Int) -> Void = { _ in },
    shouldStop: () -> Bool = { false }
  ) throws(CancellationError) {
    let loader = ImageLoader(preparation: preprocessing, cache: cache)
    try self.init(files, workers: workers, progress: progress, shouldStop: shouldStop) {
      (file) throws(FileError) in
      let decoded = try loader.decoded(file)
      let image = decoded.image
      let output = preprocessing.outputSize(height: image.height, width: image.width)
      if min(output.height, output.width) < minimumSize {
        throw FileError(
          path: file.relativePath,
          reason: "\(image.width)x\(image.height) is too small for the networks, which take "
            + "\(minimumSize)x\(minimumSize) and more")
      }
      let prepared = preprocessing.resizedSize(height: image.height, width: image.width)
      if cache.hasRoom(
        height: prepared.height, width: prepared.width, channels: preprocessing.channels)
      {
        cache.keep(preprocessing.prepared(image), of: file)
      }
      return (ImageSize(height: output.height, width: output.width), decoded.remarks)
    }
  }

  /// Decodes every file, a large JPEG at an eighth of its size, and leaves out only those that do not
  /// decode. No sizes are gathered.
  init(
    decoding files: [URL], reading: ReadOptions, workers: Int, progress: (Int) -> Void,
    shouldStop: () -> Bool
  ) throws(CancellationError) {
    var smallest = reading
    (smallest.minimumHeight, smallest.minimumWidth) = (1, 1)
    try self.init(files, workers: workers, progress: progress, shouldStop: shouldStop) {
      [smallest] (file) throws(FileError) in
      return (nil, try ImageFile.read(from: file, options: smallest).remarks)
    }
  }

  private init(
    _ files: [URL], workers: Int, progress: (Int) -> Void, shouldStop: () -> Bool,
    check: @escaping @Sendable (URL) throws(FileError) -> (ImageSize?, [ImageRemark])
  ) throws(CancellationError) {
    var good: [URL] = []
    var skipped: [FileError] = []
    var remarks: [String] = []
    var sizes: Set<ImageSize> = []
    let checks = Prefetcher(0..<files.count, depth: workers * 2, workers: workers) { index in
      Result { () throws(FileError) in try check(files[index]) }
    }
    for (index, file) in files.enumerated() {
      // A check itself throws nothing.
      guard let result = try? checks.next(unless: shouldStop) else { throw CancellationError() }
      switch result {
      case .success((let size, let found)):
        good.append(file)
        remarks += found.map { FileError(path: file.relativePath, reason: "\($0)").description }
        if let size { sizes.insert(size) }
      case .failure(let reason):
        skipped.append(reason)
      }
      progress(index + 1)
    }
    self.files = good
    self.skipped = skipped
    self.remarks = remarks
    outputSizes = sizes
  }
}

/// In pixels.
package struct ImageSize: Hashable, Sendable {
  package let height: Int
  package let width: Int

  package init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }
}
