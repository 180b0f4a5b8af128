import Foundation
import Imaging
import Synchronization

/// A picture on its way into the network, or why it could not be read.
struct Source: Sendable {
  let job: TranslationJob
  let file: Result<ImageFile, ImageFileError>

  /// - Parameter size: shorter side to resize to; `nil` keeps the picture's size.
  init(reading job: TranslationJob, size: Int?) {
    self.job = job
    do throws(ImageFileError) {
      var file = try ImageFile.read(from: job.input)
      if let size { file.image = file.image.resized(shorterSide: size) }
      self.file = .success(file)
    } catch {
      file = .failure(error)
    }
  }

  /// Whether both can go through the network together.
  func fits(with other: Source) -> Bool {
    guard let one = try? file.get().image, let two = try? other.file.get().image else {
      return false
    }
    return one.height == two.height && one.width == two.width && one.bitDepth == two.bitDepth
  }
}

extension Image {
  /// Resized with its aspect ratio kept, so that the shorter side has `size` pixels.
  fileprivate func resized(shorterSide size: Int) -> Image {
    let shorter = min(height, width)
    if shorter == size { return self }
    return resized(
      height: max(1, (height * size + shorter / 2) / shorter),
      width: max(1, (width * size + shorter / 2) / shorter))
  }
}

/// Encodes and writes results on threads of its own, a bounded number at a time.
final class ResultWriter: Sendable {
  private let queue = OperationQueue()
  /// One permit for each result that may wait or be written, so that memory is bounded.
  private let permits: DispatchSemaphore
  private let finished = Mutex<[TranslationEvent]>([])
  private let quality: Int

  init(workers: Int, quality: Int) {
    queue.maxConcurrentOperationCount = workers
    permits = DispatchSemaphore(value: workers + 1)
    self.quality = quality
  }

  /// Hands a result over, waiting while too many are on their way.
  func write(_ file: ImageFile, _ job: TranslationJob) {
    permits.wait()
    queue.addOperation { [self] in
      let event: TranslationEvent
      do {
        try Self.save(file, job, quality: quality)
        event = .written(job)
      } catch let error as ImageFileError {
        event = .failed(job, reason: "\(error)")
      } catch {
        event = .failed(job, reason: error.localizedDescription)
      }
      finished.withLock { $0.append(event) }
      permits.signal()
    }
  }

  func fail(_ job: TranslationJob, _ reason: String) {
    finished.withLock { $0.append(.failed(job, reason: reason)) }
  }

  /// What has been finished since the last call.
  func takeFinished() -> [TranslationEvent] {
    finished.withLock { events in
      defer { events = [] }
      return events
    }
  }

  /// Waits for everything and returns the rest.
  func finish() -> [TranslationEvent] {
    queue.waitUntilAllOperationsAreFinished()
    return takeFinished()
  }

  private static func save(_ file: ImageFile, _ job: TranslationJob, quality: Int) throws {
    var file = file
    file.format = job.format ?? file.format
    var options = WriteOptions()
    options.jpegQuality = quality
    try FileManager.default.createDirectory(
      at: job.output.deletingLastPathComponent(), withIntermediateDirectories: true)
    try file.write(to: job.output, options: options)
  }
}
