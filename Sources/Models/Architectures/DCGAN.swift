import Torch
import Wording

/// The DCGAN: a generator of transposed convolutions and a discriminator of strided ones; no pooling and no
/// fully connected hidden layer. Source: arXiv 1511.06434, section 3 and figure 1.
struct DCGAN: SampleArchitecture {
  let filters: Int

  /// N(0, 0.02): section 4 of the paper.
  let initialization = Initialization.normal(gain: 0.02)
  /// The layers behind the first, each with its batch norm, give the latent more say: the purity of handwritten digits
  /// (`Tests/Benchmarks`) was 0.69 and 0.80 with 1, and with 10 several values of a code meant one digit.
  let codeEmphasis = 3.0

  func generator(_ c: SampleModelConfiguration) -> any Module {
    DCGANGenerator(
      plan: DCGANPlan(size: c.size, filters: filters), channels: c.channels,
      latent: c.generatorInputs, dropout: c.generatorDropout)
  }

  func discriminator(_ c: SampleModelConfiguration) -> any SampleDiscriminator {
    let plan = DCGANPlan(size: c.size, filters: filters)
    return c.discriminatorIsAutoencoder
      ? DCGANAutoencoder(
        plan: plan, channels: c.channels, latent: c.latent, dropout: c.discriminatorDropout,
        normalization: c.discriminatorNormalization)
      : DCGANDiscriminator(
        plan: plan, channels: c.channels, outputs: c.discriminatorOutputs,
        classes: c.condition?.toldClasses ?? 0, dropout: c.discriminatorDropout,
        normalization: c.discriminatorNormalization)
  }

  func summary(of images: String, latent: Int) -> String {
    "DCGAN generator, \(images), \(filters) filters, latent \(latent)"
  }

  static func configuration(inferredFrom shapes: [String: [Int]]) -> SampleModelConfiguration? {
    guard let first = shapes["main.0.weight"], first.count == 4, first.allSatisfy({ $0 > 0 }),
      first[2] == first[3], [4, 7].contains(first[2])
    else {
      return nil
    }
    // Of the feature maps, and last the image's.
    var widths = [first[1]]
    var side = first[2]
    while let shape = shapes["main.\(3 * widths.count).weight"] {
      guard shape.count == 4, shape[0] == widths[widths.count - 1], shape[1] > 0,
        shape[2...] == [4, 4], side < 128
      else { return nil }
      side *= 2
      widths.append(shape[1])
    }
    let imageChannels = widths.removeLast()
    guard let filters = widths.last, imageChannels == 1 || imageChannels == 3,
      SampleModelConfiguration.convolutionalSizes.contains(side), first[2] == (side == 28 ? 7 : 4),
      // Each width is half of the one before, so that a plan from the last reaches no larger number.
      zip(widths, widths.dropFirst()).allSatisfy({ $0.isMultiple(of: 2) && $0 / 2 == $1 }),
      DCGANPlan(size: side, filters: filters).channels == widths
    else { return nil }
    var result = SampleModelConfiguration()
    result.architecture = .dcgan(filters: filters)
    (result.size, result.channels, result.latent) = (side, imageChannels, first[0])
    return result
  }

  static func discriminator(inferredFrom shapes: [String: [Int]]) -> InferredDiscriminator? {
    guard let first = shapes["main.0.weight"], first.count == 4, first.allSatisfy({ $0 > 0 }),
      first[2...] == [4, 4]
    else {
      return nil
    }
    // The second convolution has a bias where nothing normalizes it.
    let normalization: Normalization =
      shapes["main.3.running_mean"] != nil
      ? .batch : shapes["main.2.bias"] != nil ? .none : .instance
    // Behind the first convolution and its activation come a convolution, a norm and an activation each.
    var widths = [first[0]]
    while let shape = shapes["main.\(3 * widths.count - 1).weight"], shape.count == 4,
      shape[1] == widths[widths.count - 1], shape[0] == 2 * shape[1], shape[2...] == [4, 4],
      widths.count < 5
    {
      widths.append(shape[0])
    }
    guard let last = shapes["main.\(3 * widths.count - 1).weight"], last.count == 4,
      last[1] == widths[widths.count - 1], last[2] == last[3], [4, 7].contains(last[2])
    else { return nil }
    let size = last[2] << widths.count
    guard SampleModelConfiguration.convolutionalSizes.contains(size),
      first[1] == 1 || first[1] == 3,
      DCGANPlan(size: size, filters: first[0]).startSize == last[2]
    else { return nil }
    var result = SampleModelConfiguration()
    result.architecture = .dcgan(filters: first[0])
    (result.size, result.channels) = (size, first[1])
    result.discriminatorNormalization = normalization
    return InferredDiscriminator(configuration: result, outputs: last[0])
  }

  static func discriminatorSummary(_ shapes: [String: [Int]], outputs: Int) -> String? {
    if shapes["encoder.0.weight"]?.count == 4 { return "DCGAN autoencoder discriminator" }
    guard let first = shapes["main.0.weight"], first.count == 4 else { return nil }
    return "DCGAN discriminator, \(first[0]) filters, \(counted(first[1], "channel"))"
  }
}

/// The sizes and channels of a DCGAN's layers, from the narrowest to the image.
///
/// The paper's network for 64x64: 4x4 with 8 filters' channels, then 8x8 with 4, 16x16 with 2, 32x32 with
/// one, and the image. Other sizes have a doubling more or less; 28 begins at 7x7.
struct DCGANPlan {
  /// Side of the first feature map, in pixels.
  let startSize: Int
  /// Channels of the feature maps, each of twice the side of the one before.
  let channels: [Int]

  /// Traps for a size that is none of `SampleModelConfiguration.convolutionalSizes`.
  init(size: Int, filters: Int) {
    precondition(
      SampleModelConfiguration.convolutionalSizes.contains(size), "a DCGAN of \(size) pixels")
    startSize = size == 28 ? 7 : 4
    var factors: [Int] = []
    var side = startSize
    while side < size {
      factors.append(1 << factors.count)
      side *= 2
    }
    channels = factors.reversed().map { $0 * filters }
  }
}

/// The generator of a DCGAN: transposed convolutions with batch norm and ReLU, tanh at the end; no pooling
/// and no fully connected hidden layer.
///
/// Takes latents `[batch, latent]` and returns images `[batch, channels, size, size]` in [-1, 1]. A class stands behind
/// the random numbers as zeros and a 1, so that what the first layer has for it is its embedding.
/// Source: arXiv 1511.06434, section 3 and figure 1; the state-dict keys are those of PyTorch's `dcgan`
/// example.
package final class DCGANGenerator: Module {
  private let main: Sequential
  let latent: Int

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

/// The discriminator of a DCGAN: strided convolutions with batch norm and leaky ReLU, the last over the
/// whole feature map; no pooling and no fully connected hidden layer.
///
/// Takes `[batch, channels, size, size]` and returns raw numbers `[batch, outputs]`; the first layer has no norm.
/// One that is told classes has a channel for each behind those of the image, which is 1 everywhere for the class that
/// is told and 0 for the others. Scores of each class, projected on the features as in arXiv 1802.05637, were tried
/// instead: Tests/Benchmarks/README.md says what came of it.
/// Source: arXiv 1511.06434, section 3; the state-dict keys are those of PyTorch's `dcgan` example.
package final class DCGANDiscriminator: SampleDiscriminator {
  private let main: JudgingLayers
  private let classes: Int

  init(
    plan: DCGANPlan, channels: Int, outputs: Int, classes: Int, dropout: Double,
    normalization: Normalization
  ) {
    self.classes = classes
    main = JudgingLayers(
      Self.layers(
        plan, from: channels + classes, to: outputs, normalization: normalization,
        dropout: dropout))
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

  package func judge(_ images: Tensor, classes told: Tensor?, _ mode: Mode) -> SampleJudgment {
    var inputs = images
    if classes > 0, let told {
      let maps =
        told.reshaped([told.shape[0], classes, 1, 1])
        * Tensor.full(1, shape: [1, 1] + images.shape[2...], device: images.device)
      inputs = .concatenated([images, maps], axis: 1)
    }
    let judgment = main.judge(inputs, mode)
    return SampleJudgment(
      outputs: judgment.outputs.flattened, features: judgment.features)
  }
}

/// BEGAN's discriminator from a DCGAN's layers: the discriminator down to `latent` numbers, and the
/// generator's way back to an image, without tanh.
///
/// Takes and returns `[batch, channels, size, size]`. Source: arXiv 1703.10717, section 3.5.
package final class DCGANAutoencoder: SampleDiscriminator {
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

  package func judge(_ images: Tensor, classes: Tensor?, _ mode: Mode) -> SampleJudgment {
    let code = encoder(images, mode)
    return SampleJudgment(outputs: decoder(code, mode), features: code)
  }
}
