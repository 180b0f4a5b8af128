import Training

/// Notices when an encoder says nothing any more: all codes are drawn from N(0, 1), and all images are decoded to one.
/// Source: "posterior collapse", arXiv 1511.06349, section 3.1.
struct CodeWatch: Equatable {
  /// Successive steps in which codes told next to nothing.
  private var silentSteps = 0
  private var hasSaid = false

  /// In nats an image.
  private static let silence = 0.05
  private static let stepsUntilCollapsed = 500

  init() {}

  /// An alarm if codes have been silent for long.
  /// - Parameter divergence: of a batch's codes from N(0, 1), in nats an image.
  mutating func note(_ divergence: Double) -> Alarm? {
    silentSteps = divergence < Self.silence ? min(silentSteps + 1, Self.stepsUntilCollapsed) : 0
    guard silentSteps >= Self.stepsUntilCollapsed, !hasSaid else { return nil }
    hasSaid = true
    return Alarm(.codeIsUnused, AutoencoderModel.networkName)
  }

  /// The state as numbers, for a snapshot.
  var numbers: [Float] { [Float(silentSteps), hasSaid ? 1 : 0] }

  /// Numbers that cannot be are taken as zero.
  init(numbers: [Float]) {
    guard numbers.count == 2 else { return }
    let most = Float(Self.stepsUntilCollapsed)
    silentSteps = (0...most).contains(numbers[0]) ? Int(numbers[0]) : 0
    hasSaid = numbers[1] > 0
  }
}
