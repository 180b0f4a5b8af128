import Foundation
import Wording

/// Why a run cannot begin, go on or be read.
package enum RunError: Error, Sendable, CustomStringConvertible {
  /// A new run was asked for where one is.
  case exists(folder: URL)
  case noSnapshot(folder: URL)
  /// The configuration is of a run of another kind; `model` is what it says, `nil` for a CycleGAN.
  case otherKind(configuration: URL, model: String?)
  /// There is no folder for a run that is to go on.
  case missing(folder: URL)
  /// Another process trains it; `nil` where it could not be told which.
  case isTrained(folder: URL, by: RunHolder?)
  /// The folder was removed or moved while the run was trained.
  case folderIsGone(folder: URL)
  /// Training has diverged; `lastGood` is the newest snapshot, `nil` without one.
  case notFinite(what: String, step: Int, epoch: Int, lastGood: URL?)
  /// A process has other weights than the first.
  case weightsDiffer(rank: Int, step: Int)
  /// A step of several processes needs more images than there are.
  case batchIsNotFilled(batchSize: Int, images: Int)
  /// Processes were started for a training that compares the means of whole batches: what asks for it.
  case needsWholeBatch(option: String)
  /// Fewer epochs are asked for than have been begun.
  case tooFewEpochs(folder: URL, begun: Int, asked: Int)

  package var description: String {
    switch self {
    case .exists(let folder): "\(folder.relativePath) holds a run already"
    case .noSnapshot(let folder):
      "\(folder.relativePath): there is no snapshot to resume from"
    case .otherKind(let configuration, let model):
      "\(configuration.relativePath): this is a run of another kind, \(model ?? "cyclegan")"
    case .tooFewEpochs(let folder, let begun, let asked):
      "\(folder.relativePath): the run is in epoch \(begun) already and cannot end after \(asked)"
    case .weightsDiffer(let rank, let step):
      "after \(counted(step, "step")) the weights of rank \(rank) are not those of rank 0; all processes need the "
        + "same run's folder, images and program"
    case .batchIsNotFilled(let batchSize, let images):
      "a batch of \(batchSize) for all processes needs as many images; there are \(images)"
    case .needsWholeBatch(let option):
      "\(option) does not work with several processes: its generator compares the means of a whole batch"
    case .missing(let folder): "\(folder.relativePath): there is no such run"
    case .isTrained(let folder, let holder):
      "\(folder.relativePath) is being trained by "
        + (holder.map { "process \($0.process) on host \($0.host)" } ?? "another process")
    case .folderIsGone(let folder):
      "\(folder.relativePath): the run's folder has been removed or moved; training cannot go on"
    case .notFinite(let what, let step, let epoch, let lastGood):
      "\(what) in step \(step) of epoch \(epoch): training has diverged; "
        + (lastGood.map { "the last good snapshot is \($0.relativePath)" }
          ?? "there is no snapshot yet")
    }
  }
}
