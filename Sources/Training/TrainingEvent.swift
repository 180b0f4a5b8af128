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
  /// The discriminator's loss has been near zero for so many steps, and the generator learns little from it.
  case discriminatorHasWon(steps: Int)
  /// The spread between the samples of one batch is under a tenth of the data's.
  case samplesHaveCollapsed
  /// What there is to know about the data, in one line.
  case notice(String)
}

/// One optimization step, counted from 1.
package struct StepReport: Sendable, Encodable {
  package let step: Int
  /// Steps of the whole run.
  package let totalSteps: Int
  package let epoch: Int
  package let totalEpochs: Int
  /// Images (of each domain) shown since the run began.
  package let images: Int
  package let batchSize: Int
  package let learningRate: Double
  package let losses: any StepLosses
  /// Means over the steps since the last logged one, waiting included.
  package let secondsPerStep: Double
  package let secondsWaitingForData: Double

  private enum CodingKeys: String, CodingKey {
    case step, epoch, images
    case learningRate = "lr"
    case secondsPerStep = "seconds_per_step"
    case secondsWaitingForData = "seconds_waiting_for_data"
  }

  /// The keys of `metrics.jsonl`, which DESIGN.md fixes.
  package func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: CodingKeys.self)
    try line.encode(step, forKey: .step)
    try line.encode(epoch, forKey: .epoch)
    try line.encode(images, forKey: .images)
    try line.encode(learningRate, forKey: .learningRate)
    try losses.encode(to: encoder)
    try line.encode(secondsPerStep, forKey: .secondsPerStep)
    try line.encode(secondsWaitingForData, forKey: .secondsWaitingForData)
  }
}
