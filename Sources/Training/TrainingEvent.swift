import Datasets
import Files
import Foundation

/// What a run tells whoever started it; libraries never print.
package enum TrainingEvent: Sendable {
  /// A folder's images are being decoded once, to find those that cannot be trained on.
  case checking(folder: String, done: Int, total: Int)
  /// A domain is ready: images that will be used and those that were left out.
  case domainReady(folder: String, count: Int, skipped: [FileError])
  /// Training begins, or goes on after `step` steps.
  case started(epoch: Int, step: Int, usesBFloat16: Bool)
  /// A run that was given another length learns faster again than in the last epoch it trained.
  case learningRateRises(from: Double, to: Double, inEpoch: Int)
  /// One step is done; `isLogged` if it went to `metrics.jsonl` as well.
  case step(StepReport, isLogged: Bool)
  case savedSnapshot(URL)
  case savedSamples(URL)
  case warning(String)
  /// There are fewer images than a batch was to have.
  case batchIsSmaller(asked: Int, used: Int)
  /// The networks were measured on images that are not trained on.
  case validated(ValidationValues, isBest: Bool)
  case alarm(Alarm)
  /// What there is to know about the data, in one line.
  case notice(String)
}

/// One optimization step, counted from 1.
package struct StepReport: Sendable {
  package let step: Int
  /// Steps of the whole run.
  package let totalSteps: Int
  package let epoch: Int
  package let totalEpochs: Int
  /// Images (of each domain) shown since the run began.
  package let images: Int
  package let batchSize: Int
  package let learningRate: Double
  /// Of this step.
  package let losses: any StepLosses
  /// Means over the steps since the last logged one: of the losses, and of the time, waiting included.
  package let means: [(name: String, value: Double)]
  package let secondsPerStep: Double
  package let secondsWaitingForData: Double

  /// Zero before any time has passed.
  var imagesPerSecond: Double { secondsPerStep > 0 ? Double(batchSize) / secondsPerStep : 0 }
}
