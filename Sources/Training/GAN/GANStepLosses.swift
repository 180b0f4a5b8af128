/// What one step of a GAN reports.
public struct GANStepLosses: StepLosses, Equatable {
  public var d: Double
  public var g: Double
  /// Mean of the discriminator's judgement of real pictures: a probability for `vanilla` and `saturating`,
  /// a raw score elsewhere, L(x) for `began`.
  public var judgementOfReal: Double
  /// The same of the fakes, before the discriminator's step.
  public var judgementOfFake: Double
  /// Weighted gradient penalty of `wgan-gp`, contained in `d`.
  public var penalty: Double?
  /// k and the convergence measure of `began`.
  public var balance: Double?
  public var convergence: Double?
  public var discriminatorLearningRate: Double

  public var named: [(name: String, value: Double)] {
    let optional: [(name: String, value: Double?)] = [
      ("penalty", penalty), ("k", balance), ("convergence", convergence),
    ]
    return [("D", d), ("G", g), ("D(x)", judgementOfReal), ("D(G(z))", judgementOfFake)]
      + optional.compactMap { entry in entry.value.map { (entry.name, $0) } }
  }

  public var generatorTotal: Double { g }

  /// The keys of `metrics.jsonl`: the names above, and the discriminator's learning rate.
  public func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: Key.self)
    for (name, value) in named { try line.encode(value, forKey: Key(stringValue: name)) }
    try line.encode(discriminatorLearningRate, forKey: Key(stringValue: "lr_D"))
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
