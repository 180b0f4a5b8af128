/// When a run looks at images that it does not train on, and which of its snapshots is the best for it.
package struct ValidationSettings: Codable, Sendable, Equatable {
  /// What the best snapshot has; see `TranslationMeasure`.
  package enum Criterion: String, Codable, Sendable, CaseIterable {
    /// The smallest sum of the ranks by distance and by edges.
    case ranks
    /// The smallest distance.
    case distance
    /// The greatest correlation of edges.
    case edges
  }

  /// Epochs between two validations; 0 for none. Older programs had none.
  package var everyEpochs = 0
  /// Steps that have to lie between two validations, so that they take little of the time.
  package var leastSteps = 0
  package var criterion = Criterion.ranks

  package init() {}
}

/// What a validation has measured; a line of `validation.jsonl` with the step and the epoch.
///
/// Names say what is measured and for which network: "distance_G_A", "edges_G_A". Those that end in "_raw" are of
/// weights that are not averaged, which nothing is chosen by.
package typealias ValidationValues = [(name: String, value: Double)]

/// One object of `validation.jsonl`.
struct ValidationLine: Codable {
  let step: Int
  let epoch: Int
  let values: [String: Double]

  init(step: Int, epoch: Int, values: ValidationValues) {
    (self.step, self.epoch) = (step, epoch)
    // JSON knows no infinity.
    self.values = Dictionary(
      uniqueKeysWithValues: values.filter(\.value.isFinite).map { ($0.name, $0.value) })
  }

  init(from decoder: any Decoder) throws {
    let all = try decoder.singleValueContainer().decode([String: Double].self)
    guard let step = all["step"].flatMap(Int.init(exactly:)),
      let epoch = all["epoch"].flatMap(Int.init(exactly:))
    else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no step or no epoch"))
    }
    (self.step, self.epoch) = (step, epoch)
    values = all.filter { $0.key != "step" && $0.key != "epoch" }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(
      values.merging(["step": Double(step), "epoch": Double(epoch)]) { own, _ in own })
  }
}

extension ValidationSettings {
  /// The step of the best among those that can be chosen: of equal ones the newest; `nil` if no validation was
  /// at one of them.
  ///
  /// Ranks are those among all lines: what has been pruned has been measured as well.
  func bestStep(_ lines: [ValidationLine], among steps: Set<Int>) -> Int? {
    let scores = scores(lines)
    let candidates = zip(lines, scores).filter { steps.contains($0.0.step) }
    return candidates.min { ($0.1, -$0.0.step) < ($1.1, -$1.0.step) }?.0.step
  }

  /// The best has the smallest.
  private func scores(_ lines: [ValidationLine]) -> [Double] {
    // What is missing was not a number.
    func columns(_ prefix: String, sign: Double) -> [[Double]] {
      let names = Set(lines.flatMap(\.values.keys)).filter {
        $0.hasPrefix(prefix) && !$0.hasSuffix("_raw")
      }
      return names.sorted().map { name in
        lines.map { line in line.values[name].map { sign * $0 } ?? .infinity }
      }
    }
    let distances = columns("distance_", sign: 1)
    let edges = columns("edges_", sign: -1)
    let chosen =
      switch criterion {
      case .ranks: (distances + edges).map(TranslationMeasure.ranks)
      case .distance: distances
      case .edges: edges
      }
    return lines.indices.map { line in chosen.reduce(0) { $0 + $1[line] } }
  }
}
