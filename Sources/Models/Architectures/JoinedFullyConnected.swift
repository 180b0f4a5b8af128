import Torch

/// The networks of the conditional GAN's paper: the latent and the class have a layer each before one that they share.
/// Source: arXiv 1411.1784, section 4.1.
struct JoinedFullyConnected: SampleArchitecture {
  let initialization = Initialization.xavier(gain: 1)

  func generator(_ c: SampleModelConfiguration) -> any Module {
    JoinedGenerator(
      size: c.size, channels: c.channels, latent: c.latent, classes: c.generatorInputs - c.latent,
      dropout: c.generatorDropout)
  }

  func discriminator(_ c: SampleModelConfiguration) -> any SampleDiscriminator {
    JoinedDiscriminator(
      size: c.size, channels: c.channels, outputs: c.discriminatorOutputs,
      classes: c.condition?.toldClasses ?? 0, dropout: c.discriminatorDropout)
  }

  func summary(of images: String, latent: Int) -> String {
    "joined fully connected generator, \(images), latent \(latent)"
  }

  static func configuration(inferredFrom shapes: [String: [Int]]) -> SampleModelConfiguration? {
    typealias Widths = JoinedGenerator.Widths
    let joined = Widths.latent + Widths.classes
    guard let latent = shapes["latent.0.weight"], latent.count == 2, latent[0] == Widths.latent,
      latent[1] > 0, let classes = shapes["classes.0.weight"], classes.count == 2,
      classes[0] == Widths.classes, shapes["main.0.weight"] == [Widths.joined, joined],
      let last = shapes["main.2.weight"], last.count == 2, last[1] == Widths.joined,
      let (side, channels) = SampleModelConfiguration.square(ofValues: last[0])
    else { return nil }
    var result = SampleModelConfiguration()
    result.architecture = .joined
    (result.size, result.channels, result.latent) = (side, channels, latent[1])
    return result
  }

  /// It is told classes and names none.
  static func discriminator(inferredFrom shapes: [String: [Int]]) -> InferredDiscriminator? { nil }

  static func discriminatorSummary(_ shapes: [String: [Int]], outputs: Int) -> String? {
    shapes["image.weight"]?.count == 2 && shapes["classes.weight"]?.count == 2
      ? "joined fully connected discriminator" : nil
  }
}

/// The generator of the conditional GAN's paper: 200 values of the latent and 1,000 of the class, joined in 1,200, with
/// ReLU; tanh at the end, where the paper has images in [0, 1] and a sigmoid.
///
/// Takes `[batch, latent + classes]` and returns images `[batch, channels, size, size]` in [-1, 1].
final class JoinedGenerator: Module {
  enum Widths {
    static let latent = 200
    static let classes = 1000
    static let joined = 1200
  }

  private let ofLatent: Sequential
  private let ofClasses: Sequential
  private let main: Sequential
  /// The places of the latent's numbers and of those of the class.
  let parts: [Range<Int>]
  /// Of an image.
  let shape: [Int]

  init(size: Int, channels: Int, latent: Int, classes: Int, dropout: Double) {
    func hidden(_ inputs: Int, _ outputs: Int) -> [any Module] {
      [Linear(inputs: inputs, outputs: outputs), HiddenActivation(slope: 0, dropout: dropout)]
    }
    parts = [0..<latent, latent..<latent + classes]
    shape = [channels, size, size]
    ofLatent = Sequential(hidden(latent, Widths.latent))
    ofClasses = Sequential(hidden(classes, Widths.classes))
    main = Sequential(
      hidden(Widths.latent + Widths.classes, Widths.joined) + [
        Linear(inputs: Widths.joined, outputs: channels * size * size), Tanh(),
      ])
  }

  var children: [(name: String, module: any Module)] {
    [("latent", ofLatent), ("classes", ofClasses), ("main", main)]
  }

  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let both = Tensor.concatenated(
      [
        ofLatent(x.narrowed(axis: 1, parts[0]), mode),
        ofClasses(x.narrowed(axis: 1, parts[1]), mode),
      ], axis: 1)
    return main(both, mode).reshaped([x.shape[0]] + shape)
  }
}

/// The discriminator of the conditional GAN's paper: maxout layers of 240 values for the image and of 50 for the class,
/// joined in one of 240.
///
/// Takes `[batch, channels, size, size]` and the classes, and returns raw numbers `[batch, outputs]`.
final class JoinedDiscriminator: SampleDiscriminator {
  private let image: Maxout
  private let classes: Maxout
  private let joined: Maxout
  private let last: Linear
  private let dropout: HiddenActivation

  init(size: Int, channels: Int, outputs: Int, classes count: Int, dropout: Double) {
    image = Maxout(inputs: channels * size * size, outputs: 240, pieces: 5)
    // By its inputs alone: of a class one number is not 0, and with Xavier's variance, where the outputs count as
    // well, the discriminator begins nearly deaf to it and the generator learns to do without.
    classes = Maxout(
      inputs: count, outputs: 50, pieces: 5, initialization: .kaiming(gain: 1))
    joined = Maxout(inputs: 290, outputs: 240, pieces: 4)
    last = Linear(inputs: 240, outputs: outputs)
    // The slope of 1 leaves all as it is but for the dropout.
    self.dropout = HiddenActivation(slope: 1, dropout: dropout)
  }

  var children: [(name: String, module: any Module)] {
    [("image", image), ("classes", classes), ("joined", joined), ("last", last)]
  }

  /// Traps without classes.
  func judge(_ images: Tensor, classes told: Tensor?, _ mode: Mode) -> SampleJudgment {
    guard let told else { preconditionFailure("a discriminator that needs classes") }
    let both = Tensor.concatenated([image(images.flattened, mode), classes(told, mode)], axis: 1)
    let features = dropout(joined(dropout(both, mode), mode), mode)
    return SampleJudgment(outputs: last(features, mode), features: features)
  }
}
