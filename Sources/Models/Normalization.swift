import Torch

/// The normalization layer after the convolutions of a network.
package enum Normalization: String, Codable, Sendable, CaseIterable {
  /// Each channel of each image by its own mean and variance; no parameters.
  case instance
  /// Each channel by the batch's statistics, with a learned scale and shift.
  case batch
  /// No normalization.
  case none

  /// The reference gives a convolution a bias only before instance norm: batch norm has a shift of its
  /// own, and for `none` it follows the same rule.
  var needsConvolutionBias: Bool { self == .instance }

  func layer(channels: Int) -> any Module {
    switch self {
    case .instance: return InstanceNorm2d()
    case .batch: return BatchNorm2d(channels: channels)
    case .none: return Identity()
    }
  }

  /// Of a network with these tensors. A convolution before a norm has a bias with instance norm only.
  init(inferredFrom shapes: [String: [Int]], firstConvolution name: String) {
    if shapes.keys.contains(where: { $0.hasSuffix(".running_mean") }) {
      self = .batch
    } else {
      self = shapes["\(name).bias"] == nil ? .none : .instance
    }
  }
}
