import Datasets
import Foundation
import Torch

/// How a run is carried out this time. Nothing of it is stored, and nothing that is trained depends on it, but
/// for the weights to begin with.
package struct RunSettings: Sendable {
  package var folder: RunFolder
  package var device: Device
  /// That train together with this one; `nil` for one alone.
  package var processes: ProcessGroup?
  /// Threads that read and prepare images.
  package var workers: Int
  /// A folder with weights to start from: any of the networks' files, such as `net_G_A.safetensors`.
  package var initialWeights: URL?
  /// Ends the run after this many optimization steps since its first epoch, wherever the epochs stand.
  package var maximumSteps: Int?
  /// Memory for decoded images.
  package var cache = CacheSize.automatic
  package var onAlarm = AlarmReaction.warn
  /// Steps whose losses may stay on the device until they are read together, which other processes, a log or a
  /// snapshot may need earlier. The CPU has computed them when a step ends.
  package var mostUnreadSteps: Int
  /// Whether there are files for TensorBoard.
  package var writesEvents = true

  package init(folder: RunFolder, device: Device, workers: Int, initialWeights: URL? = nil) {
    self.folder = folder
    self.device = device
    self.workers = workers
    mostUnreadSteps = device == .cpu ? 1 : 50
    self.initialWeights = initialWeights
  }
}
