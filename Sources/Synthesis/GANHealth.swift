import Torch
import Training

/// Watches for the two ways in which a GAN dies, and says so once each.
struct GANHealth: Equatable {
  /// Successive steps in which the discriminator's loss was next to the smallest possible.
  private var stepsWon = 0
  /// Successive looks at which the fakes were nearly the same.
  private var looksCollapsed = 0
  private var hasSaidWon = false
  private var hasSaidCollapsed = false

  /// Looks at the spread of a batch cost a little, so that not every step has one.
  static let stepsBetweenLooks = 10
  /// Fresh generators make gray images all alike; they get time to leave that.
  private static let firstLook = 100
  private static let stepsUntilWon = 200
  private static let looksUntilCollapsed = 5
  /// Of the data's spread.
  private static let spreadOfCollapse = 0.1

  /// Whether the spread of the fakes is wanted after this step, counted from 1.
  static func looks(at step: Int) -> Bool {
    step >= firstLook && step % stepsBetweenLooks == 0
  }

  /// An alarm if the discriminator has won for long.
  /// - Parameter limit: what a winner's loss is below; `nil` for losses that do not tell.
  mutating func note(loss: Double, limit: Double?) -> Alarm? {
    guard let limit else { return nil }
    stepsWon = loss < limit ? min(stepsWon + 1, Self.stepsUntilWon) : 0
    guard stepsWon >= Self.stepsUntilWon, !hasSaidWon else { return nil }
    hasSaidWon = true
    return Alarm(.discriminatorHasWon(steps: Self.stepsUntilWon), "D")
  }

  /// An alarm if samples have collapsed.
  /// - Parameters:
  ///   - fake: spread between the fakes of a batch.
  ///   - real: the same of the real images.
  mutating func noteSpread(fake: Double, real: Double) -> Alarm? {
    let isCollapsed = fake < real * Self.spreadOfCollapse
    looksCollapsed = isCollapsed ? min(looksCollapsed + 1, Self.looksUntilCollapsed) : 0
    guard looksCollapsed >= Self.looksUntilCollapsed, !hasSaidCollapsed else { return nil }
    hasSaidCollapsed = true
    return Alarm(.collapsed, "G")
  }

  /// The state as numbers, for a snapshot.
  var numbers: [Float] {
    [Float(stepsWon), Float(looksCollapsed), hasSaidWon ? 1 : 0, hasSaidCollapsed ? 1 : 0]
  }

  /// Numbers that cannot be are taken as zero.
  init(numbers: [Float] = [0, 0, 0, 0]) {
    func count(_ index: Int) -> Int {
      guard index < numbers.count, (0...1e9).contains(numbers[index]) else { return 0 }
      return Int(numbers[index])
    }
    stepsWon = count(0)
    looksCollapsed = count(1)
    hasSaidWon = count(2) > 0
    hasSaidCollapsed = count(3) > 0
  }
}
