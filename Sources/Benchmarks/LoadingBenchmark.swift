import Datasets
import Files
import Foundation
import Torch
import Translation

/// Times the way of images from their files to the networks' input, on one thread: reading, decoding,
/// resizing, cutting, mirroring and turning into tensors, without a cache.
package struct LoadingBenchmark {
  package struct Result: Encodable, Sendable {
    /// The median of the passes.
    package let imagesPerSecond: Double
    package let images: Int
    package let passes: Int
    package let loadSize: Int
    package let cropSize: Int

    private enum CodingKeys: String, CodingKey {
      case imagesPerSecond = "pictures_per_second"
      case images = "pictures"
      case passes
      case loadSize = "load_size"
      case cropSize = "crop_size"
    }
  }

  /// Images of the folder that cannot be read, and so are not timed, in a line; nil where there are none.
  package let warning: String?
  private let images: [ImagePage]
  private let data: DataSettings
  private let passes: Int

  /// - Parameters:
  ///   - folder: searched for images with its subfolders.
  ///   - passes: through all of them that are measured; one more before them warms up.
  ///   - data: how they are prepared; a strict one refuses images of kinds that cannot be read.
  /// Throws `FileError` for a folder without images, and for what is refused.
  package init(folder: URL, data: DataSettings, passes: Int) throws(FileError) {
    let found = try ImageFolder(scanning: folder)
    let path = folder.relativePath
    if data.strict { try found.foreign.refuse(in: path, beside: found.paths.count) }
    images = ImagePage.all(in: found.files, data.reading)
    warning = found.foreign.summary(used: found.paths.count).map { "\(path): \($0)" }
    self.data = data
    self.passes = max(1, passes)
  }

  /// Throws `FileError` for an image that cannot be used.
  package func run() throws -> Result {
    let domain = UnpairedDataset.Domain(
      images: images, preprocessing: data.preprocessing(channels: 3, sizeMultiple: 4))
    // Both sides of a sample come from the same files.
    let dataset = UnpairedDataset(a: domain, b: domain, seed: 0, serial: false, strict: true)
    var number = 0
    let median = try medianSeconds(of: passes, on: .cpu) {
      number += 1
      let epoch = dataset.epoch(number)
      for position in 0..<epoch.count {
        let sample = try epoch.sample(at: position)
        _ = Tensor(images: [sample.a])
        _ = Tensor(images: [sample.b])
      }
    }
    return Result(
      imagesPerSecond: Double(2 * images.count) / median, images: images.count, passes: passes,
      loadSize: data.loadSize, cropSize: data.cropSize)
  }
}
