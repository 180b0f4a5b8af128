import Torch

/// The generator of a DCGAN: transposed convolutions with batch norm and ReLU, tanh at the end; no pooling
/// and no fully connected hidden layer.
///
/// Takes latents `[batch, latent]` and returns images `[batch, channels, size, size]` in [-1, 1].
/// Source: arXiv 1511.06434, section 3 and figure 1; the state-dict keys are those of PyTorch's `dcgan`
/// example.
package final class DCGANGenerator: Module {
  private let main: Sequential
  private let latent: Int

  init(plan: DCGANPlan, channels: Int, latent: Int, dropout: Double) {
    self.latent = latent
    main = Sequential(
      Self.layers(plan, from: latent, to: channels, normalization: .batch, dropout: dropout)
        + [Tanh()])
  }

  /// The layers without the last activation: a projection to the first feature map, then doublings.
  /// The names in the comments are those for 64x64.
  static func layers(
    _ plan: DCGANPlan, from latent: Int, to channels: Int, normalization: Normalization,
    dropout: Double
  ) -> [any Module] {
    func hidden(_ convolution: ConvTranspose2d, _ channels: Int) -> [any Module] {
      [
        convolution, normalization.layer(channels: channels),
        HiddenActivation(slope: 0, dropout: dropout),
      ]
    }
    let bias = normalization == .none
    var layers = hidden(  // main.0
      ConvTranspose2d(
        inputChannels: latent, outputChannels: plan.channels[0], kernelSize: plan.startSize,
        stride: 1, padding: 0, bias: bias), plan.channels[0])
    for (from, to) in zip(plan.channels, plan.channels.dropFirst()) {  // main.3, main.6, main.9
      layers += hidden(doubling(from, to, bias: bias), to)
    }
    layers.append(doubling(plan.channels[plan.channels.count - 1], channels, bias: bias))
    return layers  // main.12
  }

  private static func doubling(_ from: Int, _ to: Int, bias: Bool) -> ConvTranspose2d {
    ConvTranspose2d(
      inputChannels: from, outputChannels: to, kernelSize: 4, stride: 2, padding: 1, bias: bias)
  }

  package var children: [(name: String, module: any Module)] { [("main", main)] }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    main(x.reshaped([x.shape[0], latent, 1, 1]), mode)
  }
}
