import Foundation

/// The learning rate of each epoch as a factor of the initial one. Source: REFERENCE.md, section 1.9.
package struct LearningRateSchedule: Codable, Sendable, Equatable {
  package private(set) var policy: OptimizationSettings.LearningRatePolicy
  package private(set) var constantEpochs: Int
  package private(set) var decayEpochs: Int
  /// What `plateau` has seen so far; the other policies need no memory.
  private var plateau = Plateau()

  private struct Plateau: Codable, Equatable {
    var best: Double?
    var epochsWithoutImprovement = 0
    var factor = 1.0
  }

  package init(
    policy: OptimizationSettings.LearningRatePolicy, constantEpochs: Int, decayEpochs: Int
  ) {
    self.policy = policy
    self.constantEpochs = constantEpochs
    self.decayEpochs = decayEpochs
  }

  /// The same schedule, with what it has seen, for a run that was given another policy or length.
  func changed(
    to policy: OptimizationSettings.LearningRatePolicy, lasting schedule: RunSchedule
  ) -> LearningRateSchedule {
    var changed = self
    changed.policy = policy
    changed.constantEpochs = schedule.constantEpochs
    changed.decayEpochs = schedule.decayEpochs
    return changed
  }

  /// The factor during `epoch`, counted from 1.
  ///
  /// - `linear`: 1 up to the last constant epoch, then 1 - k / (decayEpochs + 1) in the k-th epoch of
  ///   decay, as the newest reference has it: no epoch trains with nothing.
  /// - `step`: a tenth after every 50 epochs.
  /// - `cosine`: half a cosine from 1 over all epochs; the reference's comes back up after its constant
  ///   epochs.
  /// - `plateau`: a fifth whenever the generators' loss has not fallen by 1 % for more than 5 epochs; the
  ///   reference hands its scheduler a constant in place of the loss.
  package func factor(epoch: Int) -> Double {
    switch policy {
    case .constant: return 1
    case .linear:
      return 1 - Double(max(0, epoch - constantEpochs)) / Double(decayEpochs + 1)
    case .step: return pow(0.1, Double((epoch - 1) / 50))
    case .cosine:
      return (1 + cos(.pi * Double(epoch - 1) / Double(max(constantEpochs + decayEpochs, 1)))) / 2
    case .plateau: return plateau.factor
    }
  }

  /// Tells the schedule the generators' mean loss over an epoch that has ended.
  package mutating func epochEnded(meanGeneratorLoss loss: Double) {
    if let best = plateau.best, loss >= best * (1 - 0.01) {
      plateau.epochsWithoutImprovement += 1
    } else {
      plateau.best = loss
      plateau.epochsWithoutImprovement = 0
    }
    if plateau.epochsWithoutImprovement > 5 {
      plateau.factor *= 0.2
      plateau.epochsWithoutImprovement = 0
    }
  }
}
