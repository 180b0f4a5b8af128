import Datasets
import Foundation
import Torch

/// How a run is carried out: what may differ between a run and its continuation.
package struct RunSettings: Sendable {
  package var folder: RunFolder
  package var device: Device
  /// Threads that read and prepare images.
  package var workers: Int
  /// Epochs between snapshots.
  package var saveEvery: Int
  /// Steps between lines of `metrics.jsonl`.
  package var logEvery: Int
  /// Steps between sample sheets; `nil` writes one with each snapshot.
  package var sampleEvery: Int?
  /// A folder with weights to start from: any of the networks' files, such as `net_G_A.safetensors`.
  package var initialWeights: URL?
  /// Memory for decoded images; what is trained does not depend on it.
  package var cache = CacheSize.automatic

  package init(
    folder: RunFolder, device: Device, workers: Int, saveEvery: Int = 5, logEvery: Int = 100,
    sampleEvery: Int? = nil, initialWeights: URL? = nil
  ) {
    self.folder = folder
    self.device = device
    self.workers = workers
    self.saveEvery = saveEvery
    self.logEvery = logEvery
    self.sampleEvery = sampleEvery
    self.initialWeights = initialWeights
  }
}
