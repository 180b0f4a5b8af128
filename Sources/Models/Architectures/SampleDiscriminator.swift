import Torch

/// A network that judges images, those of a data set and those of a generator.
package protocol SampleDiscriminator: Module {
  /// What the network makes of images in training or after it.
  ///
  /// - Parameters:
  ///   - images: `[batch, channels, size, size]` in [-1, 1].
  ///   - classes: which class each of them is said to be, `[batch, classes]`, zeros and one 1 in a row; needed by a
  ///     network that is told classes, ignored by others.
  func judge(_ images: Tensor, classes: Tensor?, _ mode: Mode) -> SampleJudgment
}

/// What a discriminator makes of images.
package struct SampleJudgment {
  /// Raw numbers `[batch, outputs]`, or images from an autoencoder.
  package let outputs: Tensor
  /// What the last layer made them of, `[batch, ...]`.
  package let features: Tensor

  package init(outputs: Tensor, features: Tensor) {
    (self.outputs, self.features) = (outputs, features)
  }
}

extension SampleDiscriminator {
  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    judge(x, classes: nil, mode).outputs
  }
}

/// Layers one after another whose last one is apart: what it makes of the others' output is a discriminator's result.
/// All have their places as names, as in one `Sequential`.
final class JudgingLayers: Module {
  private let all: Sequential
  private let body: Sequential
  private let last: any Module

  /// Traps without layers.
  init(_ layers: [any Module]) {
    all = Sequential(layers)
    body = Sequential(layers.dropLast())
    last = layers[layers.count - 1]
  }

  var children: [(name: String, module: any Module)] { all.children }

  func judge(_ x: Tensor, _ mode: Mode) -> SampleJudgment {
    let features = body(x, mode)
    return SampleJudgment(outputs: last(features, mode), features: features)
  }

  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { judge(x, mode).outputs }
}

extension Tensor {
  /// `[batch, ...]` as `[batch, everything else]`.
  var flattened: Tensor { reshaped([shape[0], elementCount / shape[0]]) }
}
