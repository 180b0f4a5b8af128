import Torch

/// Fully connected layers of the widths given, with an activation after each but the last.
/// - Parameter slope: of the leaky ReLU; 0 makes it a ReLU.
private func linearLayers(_ widths: [Int], slope: Double, dropout: Double) -> [any Module] {
  zip(widths, widths.dropFirst()).enumerated().flatMap { index, ends -> [any Module] in
    let linear = Linear(inputs: ends.0, outputs: ends.1)
    return index + 2 == widths.count
      ? [linear] : [linear, HiddenActivation(slope: slope, dropout: dropout)]
  }
}

/// The generator of the original GAN: fully connected layers with ReLU, tanh at the end.
///
/// Takes latents `[batch, latent]` and returns images `[batch, channels, size, size]` in [-1, 1].
/// Source: arXiv 1406.2661, section 5.
package final class MLPGenerator: Module {
  private let main: Sequential
  private let size: Int
  private let channels: Int

  init(size: Int, channels: Int, latent: Int, hidden: [Int], dropout: Double) {
    self.size = size
    self.channels = channels
    main = Sequential(
      linearLayers(
        [latent] + hidden + [channels * size * size], slope: 0, dropout: dropout) + [Tanh()])
  }

  package var children: [(name: String, module: any Module)] { [("main", main)] }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    main(x, mode).reshaped([x.shape[0], channels, size, size])
  }
}

/// The discriminator of the original GAN: fully connected layers with leaky ReLU of slope 0.2, the
/// generator's widths in reverse.
///
/// Takes `[batch, channels, size, size]` and returns raw scores `[batch, 1]`.
package final class MLPDiscriminator: Module {
  private let main: Sequential

  init(size: Int, channels: Int, hidden: [Int], dropout: Double) {
    main = Sequential(
      linearLayers([channels * size * size] + hidden.reversed() + [1], slope: 0.2, dropout: dropout)
    )
  }

  package var children: [(name: String, module: any Module)] { [("main", main)] }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    main(x.flattened, mode)
  }
}

/// BEGAN's discriminator from fully connected layers: down to `latent` numbers and back to the image,
/// without tanh.
///
/// Takes and returns `[batch, channels, size, size]`. Source: arXiv 1703.10717, section 3.5.
package final class MLPAutoencoder: Module {
  private let main: Sequential

  init(size: Int, channels: Int, latent: Int, hidden: [Int], dropout: Double) {
    let pixels = channels * size * size
    main = Sequential(
      linearLayers(
        [pixels] + hidden.reversed() + [latent] + hidden + [pixels], slope: 0.2, dropout: dropout))
  }

  package var children: [(name: String, module: any Module)] { [("main", main)] }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    main(x.flattened, mode).reshaped(x.shape)
  }
}

extension Tensor {
  /// `[batch, ...]` as `[batch, everything else]`.
  fileprivate var flattened: Tensor { reshaped([shape[0], elementCount / shape[0]]) }
}
