import Torch

/// The discriminator of a DCGAN: strided convolutions with batch norm and leaky ReLU, the last over the
/// whole feature map; no pooling and no fully connected hidden layer.
///
/// Takes `[batch, channels, size, size]` and returns raw scores `[batch, 1]`; the first layer has no norm.
/// Source: arXiv 1511.06434, section 3; the state-dict keys are those of PyTorch's `dcgan` example.
package final class DCGANDiscriminator: Module {
  private let main: Sequential

  init(plan: DCGANPlan, channels: Int, dropout: Double, normalization: Normalization) {
    main = Sequential(
      Self.layers(
        plan, from: channels, to: 1, normalization: normalization, dropout: dropout))
  }

  /// Halvings down to the last feature map, then one convolution over all of it.
  /// The names in the comments are those for 64x64.
  static func layers(
    _ plan: DCGANPlan, from channels: Int, to outputs: Int, normalization: Normalization,
    dropout: Double
  ) -> [any Module] {
    let bias = normalization == .none
    func halving(_ from: Int, _ to: Int) -> Conv2d {
      Conv2d(
        inputChannels: from, outputChannels: to, kernelSize: 4, stride: 2, padding: 1, bias: bias)
    }
    let widths = Array(plan.channels.reversed())
    var layers: [any Module] = [
      halving(channels, widths[0]), HiddenActivation(slope: 0.2, dropout: dropout),  // main.0
    ]
    for (from, to) in zip(widths, widths.dropFirst()) {  // main.2, main.5, main.8
      layers += [
        halving(from, to), normalization.layer(channels: to),
        HiddenActivation(slope: 0.2, dropout: dropout),
      ]
    }
    layers.append(  // main.11
      Conv2d(
        inputChannels: widths[widths.count - 1], outputChannels: outputs,
        kernelSize: plan.startSize, bias: bias))
    return layers
  }

  package var children: [(name: String, module: any Module)] { [("main", main)] }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    main(x, mode).reshaped([x.shape[0], 1])
  }
}

/// BEGAN's discriminator from a DCGAN's layers: the discriminator down to `latent` numbers, and the
/// generator's way back to an image, without tanh.
///
/// Takes and returns `[batch, channels, size, size]`. Source: arXiv 1703.10717, section 3.5.
package final class DCGANAutoencoder: Module {
  private let encoder: Sequential
  private let decoder: Sequential

  init(
    plan: DCGANPlan, channels: Int, latent: Int, dropout: Double, normalization: Normalization
  ) {
    encoder = Sequential(
      DCGANDiscriminator.layers(
        plan, from: channels, to: latent, normalization: normalization, dropout: dropout))
    decoder = Sequential(
      DCGANGenerator.layers(
        plan, from: latent, to: channels, normalization: normalization, dropout: dropout))
  }

  package var children: [(name: String, module: any Module)] {
    [("encoder", encoder), ("decoder", decoder)]
  }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    decoder(encoder(x, mode), mode)
  }
}
