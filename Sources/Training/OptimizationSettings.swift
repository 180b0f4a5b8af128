import Torch

/// How fast the networks learn.
package struct OptimizationSettings: Codable, Sendable, Equatable {
  package enum LearningRatePolicy: String, Codable, Sendable, CaseIterable {
    case linear, step, plateau, cosine, constant
  }
  package enum Precision: String, Codable, Sendable, CaseIterable {
    case auto, fp32, tf32, bf16
  }

  package var learningRate = 0.0002
  package var beta1 = 0.5
  package var policy = LearningRatePolicy.linear
  package var precision = Precision.auto
  /// Batches whose gradients are averaged for one step.
  package var accumulatedBatches = 1
  /// Whether batch norm takes its statistics from the samples of all processes.
  package var synchronizesBatchNorm = false

  package init() {}

  /// What keeps a pass from being the same in every step; `nil` for nothing.
  package func obstacleToRepetition(among processes: ProcessGroup?) -> String? {
    if processes != nil { return "several processes train together" }
    return accumulatedBatches > 1 ? "a step has several passes" : nil
  }
}

extension OptimizationSettings.Precision {
  /// Whether convolutions run in bfloat16 on a device; `auto` does so where the hardware has units for it.
  package func usesBFloat16(on device: Device) -> Bool {
    switch self {
    case .fp32, .tf32: return false
    case .bf16: return true
    case .auto: return device.hasFastBFloat16
    }
  }

  /// How feature maps lie in memory: tensor cores, which compute everything but float32, read the channels of a pixel
  /// together.
  package func layout(on device: Device) -> MapLayout {
    guard case .cuda = device else { return .planes }
    return self == .tf32 || usesBFloat16(on: device) ? .pixels : .planes
  }
}
