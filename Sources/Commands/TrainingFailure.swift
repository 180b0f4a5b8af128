import Files
import Foundation
import Imaging
import Training
import Translation

/// The runs that there are where one is missing.
private func otherRuns(beside folder: URL) -> String {
  let parent = folder.deletingLastPathComponent()
  let names = RunFolder.all(in: parent).map(\.url.lastPathComponent)
  guard !names.isEmpty else { return "; there are no runs in \(parent.relativePath)" }
  if let near = NearestMatch.find(folder.lastPathComponent, among: names) {
    return "; did you mean --name \(near)?"
  }
  let shown = names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", ..." : "")
  return "; the runs in \(parent.relativePath) are \(shown)"
}

/// What went wrong in training, with the options that help.
struct TrainingFailure: Error, CustomStringConvertible {
  let description: String
}

/// Adds to a library's error what the command line can do about it.
/// - Parameter folder: the run's.
func explained(_ error: any Error, of folder: RunFolder) -> any Error {
  if let error = error as? FileError, error.path.hasPrefix(folder.latest.relativePath + "/"),
    let found = folder.latestAndOther
  {
    let damaged = folder.snapshots.appendingPathComponent(found.latest).relativePath
    return FileError(
      path: error.path,
      reason: "\(error.reason); remove \(damaged) to go on from \(found.other)")
  }
  return switch error {
  case RunError.exists(let folder):
    UsageError(
      "--name: \(folder.relativePath) holds a run already; go on with it by --resume, or choose "
        + "another name")
  case RunError.missing(let folder):
    TrainingFailure(description: "\(error)" + otherRuns(beside: folder))
  case RunError.tooFewEpochs(_, let begun, let asked):
    UsageError(
      "--epochs: \(asked) with --decay-epochs is less than the run has begun, which is in epoch "
        + "\(begun); both count from its beginning")
  case RunError.otherKind(let configuration, let model):
    TrainingFailure(
      description: "\(configuration.relativePath): this is a run of another command, 'cyclegan "
        + "\(model.map { "\($0) train" } ?? "train")'")
  case RunError.notFinite:
    TrainingFailure(description: "\(error). A lower --lr may help")
  case DomainError.severalSizes(let folder, let count, let batchSize):
    TrainingFailure(
      description: "\(folder): its images have \(count) sizes after preprocessing; --batch-size "
        + "\(batchSize) needs one, as --preprocess resize-and-crop makes")
  case DomainError.severalChannels(_, let side, _):
    TrainingFailure(
      description:
        "\(error); choose by --channels-\(side.rawValue.lowercased()) which of them are used")
  case DomainError.identityNeedsOneCount(let a, let b):
    UsageError(
      "--lambda-identity: it needs as many channels in A as in B, not \(a) and \(b); use "
        + "--lambda-identity 0")
  case DomainError.rangeIsMissing(_, let side, _, let low, let high):
    UsageError(
      "\(error); for example by --range-\(side.rawValue.lowercased()) "
        + "\(ValueRange(low, max(high, low.nextUp)).text), or 1%..99%")
  case DomainError.noRange: TrainingFailure(description: "\(error); give values, such as 0..1")
  case DomainError.shownChannelIsMissing: TrainingFailure(description: "--show-channels: \(error)")
  case DomainError.penaltyNeedsOneSize:
    TrainingFailure(description: "\(error); use --preprocess resize-and-crop")
  default: error
  }
}
