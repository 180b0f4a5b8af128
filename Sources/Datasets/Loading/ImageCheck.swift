import Foundation
import Imaging

/// The images of one domain that can be trained on, found by decoding each of them once.
package struct CheckedImages: Sendable {
  package let files: [URL]
  package let skipped: [SkippedImage]
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
    try self.init(files, workers: workers, progress: progress, shouldStop: shouldStop) {
      Self.check($0, preprocessing: preprocessing, minimumSize: minimumSize, cache: cache)
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
      [smallest] file in
      do throws(ImageFileError) {
        _ = try ImageFile.read(from: file, options: smallest)
        return .success(nil)
      } catch {
        return .failure(Reason(text: "\(error.reason)"))
      }
    }
  }

  private init(
    _ files: [URL], workers: Int, progress: (Int) -> Void, shouldStop: () -> Bool,
    check: @escaping @Sendable (URL) -> Result<ImageSize?, Reason>
  ) throws(CancellationError) {
    var good: [URL] = []
    var skipped: [SkippedImage] = []
    var sizes: Set<ImageSize> = []
    let checks = Prefetcher(0..<files.count, depth: workers * 2, workers: workers) {
      check(files[$0])
    }
    for (index, file) in files.enumerated() {
      // A check itself throws nothing.
      guard let result = try? checks.next(unless: shouldStop) else { throw CancellationError() }
      switch result {
      case .success(let size):
        good.append(file)
        if let size { sizes.insert(size) }
      case .failure(let reason):
        skipped.append(SkippedImage(url: file, reason: reason.text))
      }
      progress(index + 1)
    }
    self.files = good
    self.skipped = skipped
    outputSizes = sizes
  }

  private struct Reason: Error {
    let text: String
  }

  private static func check(
    _ file: URL, preprocessing: Preprocessing, minimumSize: Int, cache: ImageCache
  ) -> Result<ImageSize?, Reason> {
    let image: Image
    do {
      image = try readImage(file, preprocessing)
    } catch {
      return .failure(Reason(text: "\(error.reason)"))
    }
    if let obstacle = preprocessing.obstacle(to: image) {
      return .failure(Reason(text: obstacle))
    }
    let output = preprocessing.outputSize(height: image.height, width: image.width)
    if min(output.height, output.width) < minimumSize {
      return .failure(
        Reason(
          text: "\(image.width)x\(image.height) is too small for the networks, which take "
            + "\(minimumSize)x\(minimumSize) and more"))
    }
    let prepared = preprocessing.resizedSize(height: image.height, width: image.width)
    if cache.hasRoom(
      height: prepared.height, width: prepared.width, channels: preprocessing.channels)
    {
      cache.keep(preprocessing.prepared(image), of: file)
    }
    return .success(ImageSize(height: output.height, width: output.width))
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

/// Reads a file for training, at a reduced size where preprocessing would throw the rest away.
func readImage(_ file: URL, _ preprocessing: Preprocessing) throws(ImageFileError) -> Image {
  var options = preprocessing.reading
  options.minimumHeight = preprocessing.decodingSize
  options.minimumWidth = preprocessing.decodingSize
  return try ImageFile.read(from: file, options: options).image
}
