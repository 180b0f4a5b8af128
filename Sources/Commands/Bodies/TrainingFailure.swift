import Training
import Translation

/// What went wrong in training, with the options that help.
struct TrainingFailure: Error, CustomStringConvertible {
  let description: String
}

/// Adds to a library's error what the command line can do about it.
func explained(_ error: any Error) -> any Error {
  switch error {
  case RunError.exists(let folder):
    UsageError(
      "--name: \(folder.relativePath) holds a run already; go on with it by --resume, or choose "
        + "another name")
  case RunError.tooFewEpochs(_, let begun, let asked):
    UsageError(
      "--epochs: \(asked) with --decay-epochs is less than the run has begun, which is in epoch "
        + "\(begun); both count from its beginning")
  case RunError.otherKind(let configuration, let model):
    TrainingFailure(
      description: "\(configuration.relativePath): this is a run of another command, 'cyclegan "
        + "\(model.map { "\($0) train" } ?? "train")'")
  case RunError.lossIsNotANumber:
    TrainingFailure(description: "\(error). A lower --lr may help")
  case DomainError.severalSizes(let folder, let count, let batchSize):
    TrainingFailure(
      description: "\(folder): its images have \(count) sizes after preprocessing; --batch-size "
        + "\(batchSize) needs one, as --preprocess resize-and-crop makes")
  case DomainError.penaltyNeedsOneSize:
    TrainingFailure(description: "--gan-loss: \(error); use --preprocess resize-and-crop")
  default: error
  }
}
