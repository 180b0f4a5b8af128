import Torch

/// The networks of the original GAN: fully connected layers of the widths `hidden` between the two ends.
/// Source: arXiv 1406.2661.
struct FullyConnected: SampleArchitecture {
  let hidden: [Int]

  let initialization = Initialization.xavier(gain: 1)

  func generator(_ c: SampleModelConfiguration) -> any Module {
    MLPGenerator(
      size: c.size, channels: c.channels, latent: c.generatorInputs, hidden: hidden,
      dropout: c.generatorDropout)
  }

  func discriminator(_ c: SampleModelConfiguration) -> any SampleDiscriminator {
    c.discriminatorIsAutoencoder
      ? MLPAutoencoder(
        size: c.size, channels: c.channels, latent: c.latent, hidden: hidden,
        dropout: c.discriminatorDropout)
      : MLPDiscriminator(
        size: c.size, channels: c.channels, outputs: c.discriminatorOutputs,
        classes: c.condition?.toldClasses ?? 0, hidden: hidden, dropout: c.discriminatorDropout,
        isNoisy: c.condition?.kind == .sgan)
  }

  func summary(of images: String, latent: Int) -> String {
    let widths = hidden.map(String.init).joined(separator: ",")
    return "fully connected generator, \(images), hidden \(widths), latent \(latent)"
  }

  static func configuration(inferredFrom shapes: [String: [Int]]) -> SampleModelConfiguration? {
    guard let widths = widths(shapes), let pixels = widths.last, let input = widths.first,
      let (side, channels) = SampleModelConfiguration.square(ofValues: pixels)
    else { return nil }
    var result = SampleModelConfiguration()
    result.architecture = .mlp(hidden: Array(widths.dropFirst().dropLast()))
    (result.size, result.channels, result.latent) = (side, channels, input)
    return result
  }

  static func discriminator(inferredFrom shapes: [String: [Int]]) -> InferredDiscriminator? {
    guard let widths = widths(shapes), widths.count > 2,
      let (side, channels) = SampleModelConfiguration.square(ofValues: widths[0])
    else { return nil }
    var result = SampleModelConfiguration()
    result.architecture = .mlp(hidden: Array(widths.dropFirst().dropLast().reversed()))
    (result.size, result.channels) = (side, channels)
    return InferredDiscriminator(configuration: result, outputs: widths[widths.count - 1])
  }

  /// Of the layers' ends, from the input on; nil for tensors of other layers.
  private static func widths(_ shapes: [String: [Int]]) -> [Int]? {
    var widths: [Int] = []
    while let shape = shapes["main.\(2 * max(widths.count - 1, 0)).weight"] {
      guard shape.count == 2, shape.allSatisfy({ $0 > 0 }),
        widths.isEmpty || widths[widths.count - 1] == shape[1]
      else { return nil }
      if widths.isEmpty { widths.append(shape[1]) }
      widths.append(shape[0])
    }
    return widths
  }

  static func discriminatorSummary(_ shapes: [String: [Int]], outputs: Int) -> String? {
    let widths = (0..<shapes.count).compactMap { shapes["main.\(2 * $0).weight"]?.first }
    guard shapes["main.0.weight"]?.count == 2, let last = widths.last else { return nil }
    let words = widths.dropLast().map(String.init).joined(separator: ",")
    return last == outputs
      ? "fully connected discriminator, hidden \(words)"
      : "fully connected autoencoder discriminator, hidden \(words)"
  }
}

/// Fully connected layers of the widths given, with an activation after each but the last.
/// - Parameters:
///   - slope: of the leaky ReLU; 0 makes it a ReLU.
///   - noise: standard deviation of what is added to hidden values in training.
func linearLayers(
  _ widths: [Int], slope: Double, dropout: Double, noise: Double = 0
) -> [any Module] {
  zip(widths, widths.dropFirst()).enumerated().flatMap { index, ends -> [any Module] in
    let linear = Linear(inputs: ends.0, outputs: ends.1)
    return index + 2 == widths.count
      ? [linear] : [linear, HiddenActivation(slope: slope, dropout: dropout, noise: noise)]
  }
}

/// The generator of the original GAN: fully connected layers with ReLU, tanh at the end.
///
/// Takes latents `[batch, latent]` and returns images `[batch, channels, size, size]` in [-1, 1].
/// Source: arXiv 1406.2661, section 5.
package final class MLPGenerator: Module {
  private let main: Sequential
  let size: Int
  let channels: Int

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
/// Takes `[batch, channels, size, size]` and returns raw numbers `[batch, outputs]`. One that is told classes has them
/// behind the pixels. One that learns from few labels has noise on the image and on hidden values: arXiv 1606.03498,
/// section 5.1, with the deviations of its code for MNIST.
package final class MLPDiscriminator: SampleDiscriminator {
  private let main: JudgingLayers
  private let classes: Int
  private let isNoisy: Bool

  private static let noiseOfImage = 0.3
  private static let noiseOfHidden = 0.5

  init(
    size: Int, channels: Int, outputs: Int, classes: Int, hidden: [Int], dropout: Double,
    isNoisy: Bool
  ) {
    self.classes = classes
    self.isNoisy = isNoisy
    main = JudgingLayers(
      linearLayers(
        [channels * size * size + classes] + hidden.reversed() + [outputs], slope: 0.2,
        dropout: dropout, noise: isNoisy ? Self.noiseOfHidden : 0))
  }

  package var children: [(name: String, module: any Module)] { [("main", main)] }

  package func judge(_ images: Tensor, classes told: Tensor?, _ mode: Mode) -> SampleJudgment {
    var inputs = images.flattened
    if isNoisy, mode == .training { inputs = inputs.disturbed(deviation: Self.noiseOfImage) }
    if classes > 0, let told { inputs = .concatenated([inputs, told], axis: 1) }
    return main.judge(inputs, mode)
  }
}

/// BEGAN's discriminator from fully connected layers: down to `latent` numbers and back to the image,
/// without tanh.
///
/// Takes and returns `[batch, channels, size, size]`. Source: arXiv 1703.10717, section 3.5.
package final class MLPAutoencoder: SampleDiscriminator {
  private let main: JudgingLayers

  init(size: Int, channels: Int, latent: Int, hidden: [Int], dropout: Double) {
    let pixels = channels * size * size
    main = JudgingLayers(
      linearLayers(
        [pixels] + hidden.reversed() + [latent] + hidden + [pixels], slope: 0.2, dropout: dropout))
  }

  package var children: [(name: String, module: any Module)] { [("main", main)] }

  package func judge(_ images: Tensor, classes: Tensor?, _ mode: Mode) -> SampleJudgment {
    let judgment = main.judge(images.flattened, mode)
    return SampleJudgment(
      outputs: judgment.outputs.reshaped(images.shape), features: judgment.features)
  }
}
