import Datasets
import Foundation
import Imaging
import Training

/// The images of a run, which become squares of one size.
package struct SquareDataSettings: ReadSettings, Codable, Sendable, Equatable {
  package var path = ""
  /// The only class to learn, by name or number; `nil` takes all.
  package var className: String?
  package var maximumImages: Int?
  /// Images whose classes are used, as many of each; `nil` for all. Only for `sgan`.
  package var labels: Int?
  package var batchSize = 64
  package var strict = false
  /// What shows through transparent pixels.
  package var background = Color.white
  package var maximumPixels = ReadOptions.defaultMaximumPixels
  package var acceptTruncated = false
  package var acceptNonfinite = false
  package var pages = PageMeaning.first

  package init() {}
}

/// A run on one source of such images.
package protocol SquareRunConfiguration: RunConfiguration {
  var data: SquareDataSettings { get set }
}

extension SquareRunConfiguration {
  package var batchSize: Int {
    get { data.batchSize }
    set { data.batchSize = newValue }
  }

  package var dataFolders: [String] { [data.path] }
}

// How the images of a run are opened, whatever is trained on them.
extension SquareDataSettings {
  /// Checks the images, and tells what was found.
  ///
  /// Throws `FileError` where there are none, and `CancellationError` once `shouldStop` is true.
  func source(
    _ settings: RunSettings, shouldStop: () -> Bool, report: @escaping (TrainingEvent) -> Void
  ) throws -> ImageSource {
    let source = try ImageSource(
      at: URL(fileURLWithPath: path), class: className, strict: strict, workers: settings.workers,
      reading: reading, processes: settings.processes,
      progress: { report(.checking(folder: path, done: $0, total: $1)) }, shouldStop: shouldStop)
    for warning in source.warnings { report(.warning(warning)) }
    for remark in source.remarks { report(.notice(remark)) }
    return source
  }

  func squares(
    of source: ImageSource, size: Int, channels: Int, seed: UInt64, _ settings: RunSettings
  ) -> SquareDataset {
    SquareDataset(
      source, size: size, channels: channels, maximumCount: maximumImages, seed: seed,
      strict: strict, background: background,
      cache: ImageCache(capacity: settings.cache.capacity))
  }

  /// Samples of a step: those wanted, or all where there are fewer, which is told.
  func batch(
    of wanted: Int, from dataset: SquareDataset, _ settings: RunSettings,
    report: (TrainingEvent) -> Void
  ) -> Int {
    // Several processes need the whole batch; their run refuses fewer images.
    let used = settings.processes == nil ? min(wanted, dataset.count) : wanted
    if used < wanted { report(.batchIsSmaller(asked: wanted, used: used)) }
    return used
  }
}
