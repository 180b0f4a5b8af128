import Training

/// The losses of one step, cycle and identity already multiplied by their weights, as the reference logs
/// them. The names follow its files: `dA` judges domain B, `identityA` is G_A applied to B.
package struct CycleGANLosses: StepLosses, Equatable, Codable {
  package var dA: Double
  package var gA: Double
  package var cycleA: Double
  package var identityA: Double
  package var dB: Double
  package var gB: Double
  package var cycleB: Double
  package var identityB: Double

  /// The names of `metrics.jsonl`, in the reference's order.
  package enum CodingKeys: String, CodingKey, CaseIterable {
    case dA = "D_A"
    case gA = "G_A"
    case cycleA = "cycle_A"
    case identityA = "idt_A"
    case dB = "D_B"
    case gB = "G_B"
    case cycleB = "cycle_B"
    case identityB = "idt_B"
  }

  package var named: [(name: String, value: Double)] {
    zip(
      CodingKeys.allCases.map(\.rawValue),
      [dA, gA, cycleA, identityA, dB, gB, cycleB, identityB]
    ).map { ($0, $1) }
  }

  /// What the generators minimize.
  package var generatorTotal: Double { gA + gB + cycleA + cycleB + identityA + identityB }
}
