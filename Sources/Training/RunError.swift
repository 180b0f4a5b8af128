import Foundation

/// Why a run cannot begin, go on or be read.
package enum RunError: Error, Sendable, CustomStringConvertible {
  /// A new run was asked for where one is.
  case exists(folder: URL)
  case noSnapshot(folder: URL)
  /// The configuration is of a run of another kind; `model` is what it says, `nil` for a CycleGAN.
  case otherKind(configuration: URL, model: String?)
  /// Fewer epochs are asked for than have been begun.
  case tooFewEpochs(folder: URL, begun: Int, asked: Int)
  case lossIsNotANumber(name: String, step: Int, epoch: Int)

  package var description: String {
    switch self {
    case .exists(let folder): "\(folder.relativePath) holds a run already"
    case .noSnapshot(let folder):
      "\(folder.relativePath): there is no snapshot to resume from"
    case .otherKind(let configuration, let model):
      "\(configuration.relativePath): this is a run of another kind, \(model ?? "cyclegan")"
    case .tooFewEpochs(let folder, let begun, let asked):
      "\(folder.relativePath): the run is in epoch \(begun) already and cannot end after \(asked)"
    case .lossIsNotANumber(let name, let step, let epoch):
      "the loss \(name) is not a number in step \(step) of epoch \(epoch); the snapshots saved before it "
        + "are untouched"
    }
  }
}
