import Files
import Foundation
import Imaging
import Synchronization

/// Encodes and writes results on threads of its own, a bounded number at a time.
final class ResultWriter: Sendable {
  private let queue = OperationQueue()
  /// One permit for each result that may wait or be written, so that memory is bounded.
  private let permits: DispatchSemaphore
  private let finished = Mutex<[TranslationEvent]>([])
  private let options: WriteOptions

  init(workers: Int, options: WriteOptions) {
    queue.maxConcurrentOperationCount = workers
    permits = DispatchSemaphore(value: workers + 1)
    self.options = options
  }

  /// Hands a result over, waiting while too many are on their way.
  func write(_ file: ImageFile, _ job: TranslationJob) {
    permits.wait()
    queue.addOperation { [self] in
      let event: TranslationEvent
      do {
        try Self.save(file, job, options)
        event = .written(job)
      } catch {
        event = .failed(job, reason: "\(error)")
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

  /// Throws `FileError`.
  private static func save(_ file: ImageFile, _ job: TranslationJob, _ options: WriteOptions) throws
  {
    var file = file
    file.format = job.format ?? file.format
    try makeFolder(of: job)
    try file.write(to: job.output, options: options)
  }

  /// Makes the folder that a result goes into.
  static func makeFolder(of job: TranslationJob) throws(FileError) {
    let folder = job.output.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError(path: folder.relativePath, cause: error)
    }
  }
}
