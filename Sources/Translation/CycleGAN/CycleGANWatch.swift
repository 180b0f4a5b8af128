import Torch
import Training

/// Looks at what one generator makes, now and then, for the ways in which a CycleGAN goes wrong.
///
/// A step has one image or a few, so that it compares over the last looks: small copies of images and results.
struct CycleGANWatch {
  /// "G_A".
  private let name: String
  private var inputs: [Tensor] = []
  private var outputs: [Tensor] = []
  private var targets: [Tensor] = []
  /// Mean absolute changes, in the range -1 to 1.
  private var changes: [Tensor] = []
  /// Looks in a row that found it collapsed, and inverting.
  private var collapsedLooks = 0
  private var invertedLooks = 0
  private var wonSteps = 0
  private var told: Set<Alarm.Kind> = []

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
    let kind = Alarm.Kind.discriminatorHasWon(steps: Self.stepsUntilWon)
    guard wonSteps == Self.stepsUntilWon, told.insert(kind).inserted else { return [] }
    return [Alarm(kind, discriminator)]
  }

  static func looks(at step: Int) -> Bool { step % stepsBetweenLooks == 0 }

  /// Looks at what the generator made in a step, counted from 1; both have batches of their own.
  ///
  /// - Parameter target: images of the other domain.
  /// - Returns: numbers for `judge`, on the device; nil where there is nothing to judge yet.
  mutating func look(
    at output: Tensor, from input: Tensor, target: Tensor, step: Int
  ) -> Tensor? {
    withoutGradients {
      guard let small = input.thumbnail, let made = output.thumbnail, let other = target.thumbnail
      else { return nil }
      Self.keep(small, in: &inputs)
      Self.keep(made, in: &outputs)
      Self.keep(other, in: &targets)
      if input.shape == output.shape {
        Self.keep(output.detached().l1Loss(input).reshaped([1]), in: &changes)
      }
      return inputs.count == Self.window && step >= Self.firstStep ? numbers(step) : nil
    }
  }

  /// The spreads of inputs, targets and outputs, the correlation of brightness, and the mean change where it tells.
  private func numbers(_ step: Int) -> Tensor {
    let (seen, made) = (
      Tensor.concatenated(inputs, axis: 0), Tensor.concatenated(outputs, axis: 0)
    )
    let wanted = Tensor.concatenated(targets, axis: 0)
    var all = [seen, wanted, made].map(\.spreadBetweenSamples)
    all.append(seen.brightness.correlations(with: made.brightness))
    if step >= Self.firstStepOfCopies, changes.count == Self.window {
      all.append(Tensor.concatenated(changes, axis: 0).mean())
    }
    return .concatenated(all.map { $0.reshaped([1]) }, axis: 0)
  }

  /// Returns the alarms that are new.
  ///
  /// - Parameters:
  ///   - numbers: what a look has found.
  ///   - cycle: mean absolute difference of the reconstructed images of that step.
  mutating func judge(_ numbers: [Double], cycle: Double) -> [Alarm] {
    let (seen, wanted, made, correlation) = (numbers[0], numbers[1], numbers[2], numbers[3])
    var alarms: [Alarm] = []
    func tell(_ kind: Alarm.Kind, if holds: Bool) {
      if holds, told.insert(kind).inserted { alarms.append(Alarm(kind, name)) }
    }
    let usual = min(seen, wanted)
    let isCollapsed = usual > Self.leastSpread && made < Self.spreadOfCollapse * usual
    collapsedLooks = isCollapsed ? min(collapsedLooks + 1, Self.looksInARow) : 0
    tell(.collapsed, if: collapsedLooks == Self.looksInARow)

    let isInverted = cycle < Self.closedCycle && correlation < Self.correlationOfInversion
    invertedLooks = isInverted ? min(invertedLooks + 1, Self.looksInARow) : 0
    tell(.invertsBrightness, if: invertedLooks == Self.looksInARow)

    tell(.copiesInput, if: numbers.count > 4 && numbers[4] < Self.changeOfCopies)
    return alarms
  }

  private static func keep(_ value: Tensor, in list: inout [Tensor]) {
    if list.count == window { list.removeFirst() }
    list.append(value)
  }
}

extension Tensor {
  /// Means over the channels of all images together, as one: `[1, 1, batch * height, width]`.
  fileprivate var brightness: Tensor {
    mean(axes: [1]).reshaped([1, 1, shape[0] * shape[2], shape[3]])
  }

  /// The first image of a batch `[batch, channels, height, width]` as means of 8x8 parts, `[1, channels, 8, 8]`; what
  /// is left over at the right and at the bottom is left out. `nil` for one that is smaller.
  fileprivate var thumbnail: Tensor? {
    let side = 8
    let (channels, height, width) = (shape[1], shape[2] / side, shape[3] / side)
    guard height > 0, width > 0 else { return nil }
    return detached().narrowed(axis: 0, 0..<1).narrowed(axis: 2, 0..<height * side)
      .narrowed(axis: 3, 0..<width * side)
      .reshaped([channels, side, height, side, width]).mean(axes: [2, 4])
      .reshaped([1, channels, side, side])
  }
}
