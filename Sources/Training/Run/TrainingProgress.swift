/// Where a run stands; with the tensors of a snapshot, all that is needed to go on exactly.
///
/// There is no other random state: every draw is a function of the seed and of these counters.
struct TrainingProgress: Codable, Equatable {
  static let currentFormatVersion = 1

  var formatVersion = Self.currentFormatVersion
  var seed: UInt64
  /// The epoch being trained, from 1; after the last one, one more than there are.
  var epoch = 1
  /// Samples of this epoch that have been trained on.
  var position = 0
  /// Optimization steps since the first epoch.
  var step = 0
  /// Images of each domain shown since the first epoch.
  var images = 0
  /// Sum over this epoch's steps, for the plateau schedule.
  var generatorLossSum = 0.0
  var stepsInEpoch = 0
  var schedule: LearningRateSchedule
}
