import Torch
import Training

/// Looks at what one generator makes, now and then, for the ways in which a CycleGAN goes wrong.
///
/// A step has one image or a few, so that it compares over the last looks: small copies of images and results.
struct CycleGANWatch: Equatable {
  /// "G_A".
  private let name: String
  private var inputs: [[Float]] = []
  private var outputs: [[Float]] = []
  private var targets: [[Float]] = []
  /// Mean absolute changes, in the range -1 to 1.
  private var changes: [Float] = []
  /// Looks in a row that found it collapsed, and inverting.
  private var collapsedLooks = 0
  private var invertedLooks = 0
  private var wonSteps = 0
  private var told: Set<Told> = []

  private enum Told {
    case discriminatorHasWon, collapsed, copiesInput, invertsBrightness
  }

  /// Looks cost a little, so that not every step has one.
  static let stepsBetweenLooks = 10
  private static let window = 16
  /// Fresh generators' results are alike and near gray; they get time to leave that.
  private static let firstStep = 300
  private static let firstStepOfCopies = 1000
  private static let looksInARow = 8
  private static let spreadOfCollapse = 0.1
  /// Below this, images are too much alike for results that are.
  private static let leastSpread = 0.05
  /// Of the range -1 to 1: two and a half of 255 levels.
  private static let changeOfCopies = 0.02
  private static let correlationOfInversion = -0.3
  /// Mean absolute difference after the way there and back.
  private static let closedCycle = 0.25

  private static let stepsUntilWon = 200

  init(_ name: String) { self.name = name }

  /// - Parameters:
  ///   - loss: of the discriminator that judges the generator, in every step.
  ///   - limit: what a winner's loss is below; `nil` for losses that do not tell.
  ///   - discriminator: its name.
  mutating func noteDiscriminator(
    loss: Double, limit: Double?, _ discriminator: String
  ) -> [Alarm] {
    wonSteps = limit.map { loss < $0 } ?? false ? min(wonSteps + 1, Self.stepsUntilWon) : 0
    guard wonSteps == Self.stepsUntilWon, told.insert(.discriminatorHasWon).inserted else {
      return []
    }
    return [Alarm(.discriminatorHasWon(steps: Self.stepsUntilWon), discriminator)]
  }

  static func looks(at step: Int) -> Bool { step % stepsBetweenLooks == 0 }

  /// What the generator made in the step, counted from 1; both have batches of their own.
  ///
  /// - Parameters:
  ///   - target: images of the other domain.
  ///   - cycle: mean absolute difference of the reconstructed images.
  /// Returns the alarms that are new.
  mutating func look(
    at output: Tensor, from input: Tensor, target: Tensor, cycle: Double, step: Int
  ) -> [Alarm] {
    withoutGradients {
      Self.keep(input.thumbnail, in: &inputs)
      Self.keep(output.thumbnail, in: &outputs)
      Self.keep(target.thumbnail, in: &targets)
      if input.shape == output.shape {
        Self.keep(output.l1Loss(input).elements[0], in: &changes)
      }
    }
    guard inputs.count == Self.window, step >= Self.firstStep else { return [] }
    var alarms: [Alarm] = []
    func tell(_ what: Told, _ kind: Alarm.Kind, if holds: Bool) {
      if holds, told.insert(what).inserted { alarms.append(Alarm(kind, name)) }
    }
    let usual = min(spread(inputs), spread(targets))
    let isCollapsed = usual > Self.leastSpread && spread(outputs) < Self.spreadOfCollapse * usual
    collapsedLooks = isCollapsed ? min(collapsedLooks + 1, Self.looksInARow) : 0
    tell(.collapsed, .collapsed, if: collapsedLooks == Self.looksInARow)

    let isInverted =
      cycle < Self.closedCycle
      && correlation(inputs.map(luminance), outputs.map(luminance)) < Self.correlationOfInversion
    invertedLooks = isInverted ? min(invertedLooks + 1, Self.looksInARow) : 0
    tell(.invertsBrightness, .invertsBrightness, if: invertedLooks == Self.looksInARow)

    let change = changes.map(Double.init).reduce(0, +) / Double(max(changes.count, 1))
    tell(
      .copiesInput, .copiesInput,
      if: step >= Self.firstStepOfCopies && changes.count == Self.window
        && change < Self.changeOfCopies)
    return alarms
  }

  private static func keep<Value>(_ value: Value, in list: inout [Value]) {
    if list.count == window { list.removeFirst() }
    list.append(value)
  }
}

/// Standard deviation between thumbnails, root mean square over their values.
private func spread(_ thumbnails: [[Float]]) -> Double {
  guard let count = thumbnails.first?.count, count > 0 else { return 0 }
  let variances = (0..<count).map { place -> Double in
    let values = thumbnails.map { Double(place < $0.count ? $0[place] : 0) }
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
  }
  return (variances.reduce(0, +) / Double(count)).squareRoot()
}

/// Means over the channels of a thumbnail.
private func luminance(_ thumbnail: [Float]) -> [Double] {
  let places = Tensor.thumbnailSide * Tensor.thumbnailSide
  let channels = max(thumbnail.count / places, 1)
  return (0..<min(places, thumbnail.count)).map { place in
    (0..<channels).reduce(0) { $0 + Double(thumbnail[$1 * places + place]) } / Double(channels)
  }
}

/// Pearson's, over all values of all lists together; 0 where one side does not vary.
func correlation(_ a: [[Double]], _ b: [[Double]]) -> Double {
  let pairs = zip(a.joined(), b.joined()).map { ($0, $1) }
  let count = Double(pairs.count)
  let (meanA, meanB) = (
    pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count
  )
  let (varianceA, varianceB) = (
    pairs.reduce(0) { $0 + ($1.0 - meanA) * ($1.0 - meanA) },
    pairs.reduce(0) { $0 + ($1.1 - meanB) * ($1.1 - meanB) }
  )
  guard varianceA > 0, varianceB > 0 else { return 0 }
  return pairs.reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) }
    / (varianceA * varianceB).squareRoot()
}

extension Tensor {
  static let thumbnailSide = 8

  /// The first image of a batch `[batch, channels, height, width]` as means of 8x8 parts, channel by channel; what
  /// is left over at the right and at the bottom is left out.
  fileprivate var thumbnail: [Float] {
    let side = Self.thumbnailSide
    let (channels, height, width) = (shape[1], shape[2] / side, shape[3] / side)
    guard height > 0, width > 0 else { return [] }
    return detached().narrowed(axis: 0, 0..<1).narrowed(axis: 2, 0..<height * side)
      .narrowed(axis: 3, 0..<width * side)
      .reshaped([channels, side, height, side, width]).mean(axes: [2, 4]).elements
  }
}
