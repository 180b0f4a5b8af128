import Files
import Foundation
import Imaging
import Torch

/// The images of a folder that can be used, found by decoding each of them once.
package struct CheckedImages: Sendable {
  package let images: [ImagePage]
  /// The others, and why.
  package let skipped: [FileError]
  /// What to know about images that can be used, a line each.
  package let remarks: [String]
  /// The sizes that reach the network, each once.
  package let outputSizes: Set<ImageSize>
  /// Of the images that can be used.
  package let survey: ValueSurvey

  /// Decodes every image and leaves out those that do not decode or are too small.
  ///
  /// - Parameters:
  ///   - minimumSize: the shortest side the networks take, in pixels, after preprocessing.
  ///   - cache: keeps the images, as far as there is room.
  ///   - gathersValues: whether the survey has values of all images, and not only of those without a range.
  ///   - processes: check the same images, and share the work.
  ///   - progress: called with the number of images done, in order.
  ///   - shouldStop: asked ten times a second, also while a large image is decoded.
  /// Throws once `shouldStop` is true.
  package init(
    _ images: [ImagePage], preprocessing: Preprocessing, minimumSize: Int, workers: Int,
    cache: ImageCache = ImageCache(capacity: 0), gathersValues: Bool = false,
    processes: ProcessGroup? = nil, progress: (Int) -> Void = { _ in },
    shouldStop: () -> Bool = { false }
  ) throws(CancellationError) {
    let loader = ImageLoader(preparation: preprocessing, cache: cache)
    let sampleCount = gathersValues ? ValueSurvey.sampleCount(ofImages: images.count) : 0
    try self.init(
      images, workers: workers, processes: processes, progress: progress, shouldStop: shouldStop
    ) { (page) throws(FileError) in
      let decoded = try loader.decoded(page)
      let image = decoded.image
      let output = preprocessing.outputSize(height: image.height, width: image.width)
      if min(output.height, output.width) < minimumSize {
        throw page.error(
          "\(image.width)x\(image.height) is too small for the networks, which take "
            + "\(minimumSize)x\(minimumSize) and more")
      }
      let prepared = preprocessing.resizedSize(height: image.height, width: image.width)
      if decoded.hasRange,
        cache.hasRoom(
          height: prepared.height, width: prepared.width, channels: preprocessing.channels,
          bitDepth: image.bitDepth == 8 ? 8 : 32)
      {
        cache.keep(preprocessing.prepared(image), of: page)
      }
      return Found(
        size: ImageSize(height: output.height, width: output.width), remarks: decoded.remarks,
        survey: ValueSurvey(decoded, sampleCount: sampleCount))
    }
  }

  /// Decodes every file, a large JPEG at an eighth of its size, and leaves out only those that do not
  /// decode. No sizes are gathered.
  init(
    decoding images: [ImagePage], reading: ReadOptions, workers: Int,
    processes: ProcessGroup? = nil, progress: (Int) -> Void, shouldStop: () -> Bool
  ) throws(CancellationError) {
    var smallest = reading
    (smallest.minimumHeight, smallest.minimumWidth) = (1, 1)
    try self.init(
      images, workers: workers, processes: processes, progress: progress, shouldStop: shouldStop
    ) { [smallest] (page) throws(FileError) in
      let decoded = try page.read(smallest)
      let colors = decoded.image.colors
      guard colors == 1 || colors == 3 else {
        throw page.error("has \(colors) channels, and not 1 or 3")
      }
      guard decoded.hasRange else {
        throw page.error(ImageLoader.needsRange)
      }
      return Found(
        size: nil, remarks: decoded.remarks, survey: ValueSurvey(decoded, sampleCount: 0))
    }
  }

  /// What is known of an image that can be used.
  private struct Found {
    let size: ImageSize?
    let remarks: [ImageRemark]
    let survey: ValueSurvey
  }

  private init(
    _ images: [ImagePage], workers: Int, processes: ProcessGroup?, progress: (Int) -> Void,
    shouldStop: () -> Bool,
    check: @escaping @Sendable (ImagePage) throws(FileError) -> Found
  ) throws(CancellationError) {
    var good: [ImagePage] = []
    var skipped: [FileError] = []
    var remarks: [String] = []
    var sizes: Set<ImageSize> = []
    var survey = ValueSurvey()
    let shared = SharedCheck(processes: processes, count: images.count)
    let own = shared.own
    let checks = Prefetcher(0..<own.count, depth: workers * 2, workers: workers) { index in
      Result { () throws(FileError) in try check(images[own[index]]) }
    }
    var found: [CheckedImage] = []
    for index in own.indices {
      // A check itself throws nothing.
      guard let result = try? checks.next(unless: shouldStop) else { throw CancellationError() }
      switch result {
      case .success(let image):
        found.append(.usable(image.size, remarks: image.remarks.map { "\($0)" }, image.survey))
      case .failure(let error):
        found.append(.unusable(path: error.path, reason: error.reason))
      }
      progress(min((index + 1) * (processes?.count ?? 1), images.count))
    }
    for (page, image) in zip(images, shared.completed(found)) {
      switch image {
      case .usable(let size, let words, let values):
        good.append(page)
        remarks += words.map { page.error($0).description }
        if let size { sizes.insert(size) }
        survey.add(values)
      case .unusable(let path, let reason):
        skipped.append(FileError(path: path, reason: reason))
      }
    }
    self.images = good
    self.skipped = skipped
    self.remarks = remarks
    outputSizes = sizes
    self.survey = survey
  }
}

/// In pixels.
package struct ImageSize: Codable, Hashable, Sendable {
  package let height: Int
  package let width: Int

  package init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }
}
