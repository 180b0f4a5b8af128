/// Where a run stands; with the tensors of a snapshot, all that is needed to go on exactly.
///
/// There is no other random state: every draw is a function of the seed and of these counters.
package struct TrainingProgress: Codable, Equatable {
  package static let currentFormatVersion = 1

  package var formatVersion = Self.currentFormatVersion
  package var seed: UInt64
  /// The epoch being trained, from 1; after the last one, one more than there are.
  package var epoch = 1
  /// Samples of this epoch that have been trained on.
  package var position = 0
  /// Optimization steps since the first epoch.
  package var step = 0
  /// Images of each domain shown since the first epoch.
  package var images = 0
  /// Sum over this epoch's steps, for the plateau schedule.
  package var generatorLossSum = 0.0
  package var stepsInEpoch = 0
  package var schedule: LearningRateSchedule

  /// Epochs that are done or begun.
  package var begunEpochs: Int { position > 0 ? epoch : epoch - 1 }
}
