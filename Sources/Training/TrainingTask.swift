import Files
import Imaging
import Torch

/// Networks in training and all that belongs to them, as a run and its snapshots see them.
package protocol Trainer: AnyObject {
  /// The networks under the names that their files have.
  var networks: [(name: String, network: any Module)] { get }
  /// Written into the weights files beside the tensors, for whoever uses them.
  func metadata(ofNetwork name: String) -> [String: String]
  /// Throws `FileError` for weights whose metadata tells that they belong to another network than their tensors
  /// fit.
  func check(
    _ metadata: [String: String], ofNetwork name: String, path: String
  ) throws(FileError)
  /// What training needs beside the networks, such as the optimizers' moments.
  var trainingState: [(name: String, tensor: Tensor)] { get }
  /// Throws `StateDictMismatch` or `FileError` where the state does not fit.
  func restoreTrainingState(_ saved: SafeTensors, from path: String) throws
  /// Steps taken since the first epoch.
  var stepCount: Int { get set }
  var usesBFloat16: Bool { get }
  /// The passes of its steps that a GPU can repeat.
  var repeatedPasses: [RepeatedPass] { get }
  /// The rate that is logged.
  var learningRate: Double { get }
  /// Called before the first step of each call of a run in an epoch, counted from 1.
  func begin(epoch: Int, of total: Int)
  /// Sets every learning rate to its initial one times `factor`.
  func scaleLearningRates(by factor: Double)
  /// Takes over what follows from weights that were loaded in place of fresh ones.
  func initialWeightsWereLoaded(_ names: [String])
}

extension Trainer {
  package func metadata(ofNetwork name: String) -> [String: String] { ["format": "pt"] }
  package func check(
    _ metadata: [String: String], ofNetwork name: String, path: String
  ) throws(FileError) {}
  package func begin(epoch: Int, of total: Int) {}
  package func initialWeightsWereLoaded(_ names: [String]) {}
}

/// The losses of one step, under the names of `metrics.jsonl`.
package protocol StepLosses: Sendable {
  /// In the order in which they are shown.
  var named: [(name: String, value: Double)] { get }
  /// What is logged beside them.
  var others: [(name: String, value: Double)] { get }
  /// What the generators minimize.
  var generatorTotal: Double { get }
}

extension StepLosses {
  package var others: [(name: String, value: Double)] { [] }
}

/// What `TrainingRun` trains: the data, the networks and what a step does with them.
package protocol TrainingTask: AnyObject {
  associatedtype Request: RunRequest
  /// What a worker prepares for a step.
  associatedtype Sample: Sendable

  /// Makes the networks and checks the data; writes nothing.
  ///
  /// The networks come first wherever they do not follow from the data, so that `restore` says what is wrong
  /// with saved weights before images are decoded.
  /// - Parameters:
  ///   - restore: puts saved weights into the networks; to be called once.
  ///   - shouldStop: asked ten times a second while images are decoded.
  /// Throws where the networks or the data cannot be used, and `CancellationError` once `shouldStop` is true.
  init(
    _ request: Request, settings: RunSettings, restore: (any Trainer) throws -> Void,
    shouldStop: () -> Bool, report: @escaping (TrainingEvent) -> Void
  ) throws

  /// With everything decided.
  var configuration: Request.Configuration { get }
  var trainer: any Trainer { get }
  /// What there is to train on.
  var domains: [DomainRecord] { get }
  /// Samples in an epoch.
  var epochSize: Int { get }
  /// Samples in a step, of all processes and passes.
  var batchSize: Int { get }
  /// Makes the samples of an epoch, counted from 1; called from any thread.
  func samples(ofEpoch epoch: Int) -> @Sendable (Int) throws -> Sample
  /// Files that could not be used, for a sample that was made without them.
  func warnings(about sample: Sample) -> [String]
  /// Whether the next step depends on the numbers that the last one's losses are made of.
  var needsLossesAtOnce: Bool { get }
  /// One optimization step with this process's parts of the batch, each with its samples; the losses are those of
  /// the whole batch. What is worth a warning goes to the `report` of `init` when they are read.
  func step(_ parts: [(part: BatchPart, samples: [Sample])]) -> PendingLosses<any StepLosses>
  /// The sheet that a run leaves with each snapshot.
  /// - Parameter caption: what stands above it, such as "epoch 5, step 1000".
  func drawSamples(caption: String) -> Image
  /// Which terms the losses of a step, counted from 1, have: those of another number are no measure for them.
  func kind(ofStep step: Int) -> Int
  /// Measures the networks on images that are not trained on; `nil` without any.
  ///
  /// Throws `CancellationError` once `shouldStop`, asked for each image, is true.
  func validate(unless shouldStop: () -> Bool) throws -> ValidationValues?
}

extension TrainingTask {
  package func kind(ofStep step: Int) -> Int { 0 }
  package func validate(unless shouldStop: () -> Bool) throws -> ValidationValues? { nil }
  package var needsLossesAtOnce: Bool { false }
}
