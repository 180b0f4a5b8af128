import Training

/// What one step of a GAN reports.
package struct GANStepLosses: StepLosses, Equatable {
  package var d: Double
  package var g: Double
  /// Mean of the discriminator's judgement of real images: a probability for `vanilla` and `saturating`,
  /// a raw score elsewhere, L(x) for `began`.
  package var judgementOfReal: Double
  /// The same of the fakes, before the discriminator's step.
  package var judgementOfFake: Double
  /// Weighted gradient penalty of `wgan-gp`, contained in `d`.
  package var penalty: Double?
  /// k and the convergence measure of `began`.
  package var balance: Double?
  package var convergence: Double?
  /// What classes or codes add to the discriminator's loss, contained in `d`.
  package var terms: [Term] = []
  package var discriminatorLearningRate: Double

  package struct Term: Sendable, Equatable {
    package let name: String
    package let value: Double

    init(_ name: String, _ value: Double) { (self.name, self.value) = (name, value) }
  }

  package var named: [(name: String, value: Double)] {
    let optional: [(name: String, value: Double?)] = [
      ("penalty", penalty), ("k", balance), ("convergence", convergence),
    ]
    return [("D", d), ("G", g), ("D(x)", judgementOfReal), ("D(G(z))", judgementOfFake)]
      + optional.compactMap { entry in entry.value.map { (entry.name, $0) } }
      + terms.map { ($0.name, $0.value) }
  }

  package var generatorTotal: Double { g }

  package var others: [(name: String, value: Double)] { [("lr_D", discriminatorLearningRate)] }
}
