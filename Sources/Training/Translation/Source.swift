import Datasets
import Imaging

/// A picture on its way into the network, or why it cannot go there.
struct Source: Sendable {
  let job: TranslationJob
  let file: Result<ImageFile, DatasetError>

  /// - Parameter size: shorter side to resize to; `nil` keeps the picture's size.
  init(reading job: TranslationJob, size: Int?) {
    self.job = job
    do throws(ImageFileError) {
      let file = try ImageFile.read(from: job.input)
      self.file = Self.resized(file, shorterSide: size, of: job)
    } catch {
      file = .failure(DatasetError(path: job.input.relativePath, reason: "\(error.reason)"))
    }
  }

  /// Whether both can go through the network together.
  func fits(with other: Source) -> Bool {
    guard let one = try? file.get().image, let two = try? other.file.get().image else {
      return false
    }
    return one.height == two.height && one.width == two.width && one.bitDepth == two.bitDepth
  }

  /// Resized with its aspect ratio kept. A long and narrow picture would become larger than any that is
  /// read, and is refused.
  private static func resized(
    _ file: ImageFile, shorterSide size: Int?, of job: TranslationJob
  ) -> Result<ImageFile, DatasetError> {
    let image = file.image
    let shorter = min(image.height, image.width)
    guard let size, shorter != size else { return .success(file) }
    let height = max(1, (image.height * size + shorter / 2) / shorter)
    let width = max(1, (image.width * size + shorter / 2) / shorter)
    let (pixels, overflow) = height.multipliedReportingOverflow(by: width)
    guard !overflow, pixels <= ReadOptions().maximumPixels else {
      return .failure(
        DatasetError(
          path: job.input.relativePath,
          reason: "a shorter side of \(size) pixels would make it \(width)x\(height)"))
    }
    var result = file
    result.image = image.resized(height: height, width: width)
    return .success(result)
  }
}
