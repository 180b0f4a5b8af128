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
  /// Of the steps since the last logged one; `nil` in snapshots of older programs.
  package var unloggedLosses: LossMeans?
  package var schedule: LearningRateSchedule
  /// Of the configuration whose networks the snapshot holds; `nil` in snapshots of older programs.
  package var fingerprint: String?
  /// Whether the snapshot was saved because of the time, until the next such one.
  package var isTimed: Bool?

  /// Epochs that are done or begun.
  package var begunEpochs: Int { position > 0 ? epoch : epoch - 1 }

  /// Why no run can stand here; `nil` if one can.
  var fault: String? {
    // More than any run takes, and far from overflow.
    let most = 10_000_000_000
    let counts = [
      ("epoch", epoch, 1), ("step", step, 1), ("images", images, step), ("position", position, 0),
      ("stepsInEpoch", stepsInEpoch, 0), ("constantEpochs", schedule.constantEpochs, 0),
      ("decayEpochs", schedule.decayEpochs, 0),
    ]
    for (name, value, least) in counts where value < least || value > most {
      return "\(name) is \(value)"
    }
    if epoch - 1 > step { return "\(epoch - 1) epochs in \(step) steps" }
    if stepsInEpoch > step { return "\(stepsInEpoch) of \(step) steps in this epoch" }
    if position > images { return "position \(position) after \(images) images" }
    if let unloggedLosses, !unloggedLosses.isPossible { return "unloggedLosses is not finite" }
    return generatorLossSum.isFinite ? nil : "generatorLossSum is not finite"
  }
}
