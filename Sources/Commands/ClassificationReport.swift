import Wording

/// What was found about images, as it is written.
struct ClassificationReport: Encodable {
  /// One image.
  struct Entry: Encodable {
    let image: String
    /// The likeliest class, with its probability.
    let `class`: String
    let probability: Double
    /// The true class; `nil` where it is not asked for.
    let truth: String?
    /// Of all classes, by name.
    let probabilities: [String: Double]
  }

  let classes: [String]
  private(set) var images: [Entry] = []
  /// Images by their true class and by the one they were given, both in the order of `classes`; `nil` without truth.
  private(set) var confusion: [[Int]]?

  private enum CodingKeys: String, CodingKey {
    case classes, images, confusion, accuracy
  }

  init(classes: [String], hasTruth: Bool) {
    self.classes = classes
    confusion =
      hasTruth
      ? [[Int]](repeating: [Int](repeating: 0, count: classes.count), count: classes.count) : nil
  }

  /// Notes an image, and returns its line of CSV.
  mutating func add(_ image: String, _ probabilities: [Double], truth: Int?) -> String {
    let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
    let entry = Entry(
      image: image, class: classes[best], probability: probabilities[best],
      truth: truth.map { classes[$0] },
      probabilities: Dictionary(
        zip(classes, probabilities), uniquingKeysWith: { first, _ in first }))
    images.append(entry)
    if let truth { confusion?[truth][best] += 1 }
    return csvLine(
      [entry.image, entry.class, Self.rounded(entry.probability)] + (entry.truth.map { [$0] } ?? [])
    ) + "\n"
  }

  /// The names of the columns.
  var head: String {
    csvLine(["image", "class", "probability"] + (confusion == nil ? [] : ["truth"])) + "\n"
  }

  /// The confusion matrix for people, a line for each true class under those of the names; none without truth.
  var confusionLines: [String] {
    guard let confusion else { return [] }
    let rows =
      [["truth \\ class"] + classes] + zip(classes, confusion).map { [$0] + $1.map(String.init) }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + space : space + cell.0
      }.joined(separator: "  ")
    }
  }

  /// The share of images whose class was named right; `nil` without truth.
  var accuracy: Double? {
    guard let confusion, !images.isEmpty else { return nil }
    let right = confusion.indices.reduce(0) { $0 + confusion[$1][$1] }
    return Double(right) / Double(images.count)
  }

  /// "446 of 450 images right, 99.1 %"
  var accuracyWords: String? {
    guard let confusion, let accuracy else { return nil }
    let right = confusion.indices.reduce(0) { $0 + confusion[$1][$1] }
    return "\(grouped(right)) of \(counted(images.count, "image")) right, "
      + "\((accuracy * 1000).rounded() / 10) %"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(classes, forKey: .classes)
    try container.encode(images, forKey: .images)
    try container.encodeIfPresent(confusion, forKey: .confusion)
    try container.encodeIfPresent(accuracy, forKey: .accuracy)
  }

  /// Six digits behind the point.
  private static func rounded(_ probability: Double) -> String {
    let digits = padded(Int((probability * 1e6).rounded()), to: 7)
    return digits.prefix(1) + "." + digits.dropFirst()
  }
}
