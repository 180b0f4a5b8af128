import Testing

@testable import Commands

@Suite struct NearestMatchTests {
  @Test(arguments: [
    ("", "", 0), ("abc", "abc", 0), ("", "abc", 3), ("abc", "", 3),
    // One letter left out, added, replaced; two neighbors swapped.
    ("epoch", "epochs", 1), ("epochs", "epoch", 1), ("lr", "lx", 1), ("trian", "train", 1),
    // k -> s, e -> i, and a g: the textbook's example.
    ("kitten", "sitting", 3),
  ])
  func distance(_ first: String, _ second: String, _ expected: Int) {
    #expect(NearestMatch.distance(first, second) == expected)
  }

  @Test func theClosestNameWins() {
    #expect(NearestMatch.find("load-sise", among: ["crop-size", "load-size"]) == "load-size")
  }

  @Test func shortNamesForgiveOneSlip() {
    #expect(NearestMatch.find("lt", among: ["lr"]) == "lr")
    #expect(NearestMatch.find("xy", among: ["lr"]) == nil)
  }

  @Test func aBeginningIsEnoughFromThreeLettersOn() {
    #expect(NearestMatch.find("gen", among: ["generator"]) == "generator")
    #expect(NearestMatch.find("ge", among: ["generator"]) == nil)
  }

  /// Turning "no-flip" into "flip" is more than a slip, however few letters it takes.
  @Test(arguments: [
    ("no-dropout", "dropout", false), ("no_dropout", "dropout", false),
    ("nodropout", "dropout", false), ("no-dropot", "dropout", false), ("flip", "no-flip", false),
    ("ema", "no-ema", false), ("noema", "no-ema", true), ("no-flop", "no-flip", true),
    ("nrom", "norm", true), ("nom", "norm", true), ("nane", "name", true),
  ])
  func aNegationIsNeverTurnedRound(_ typed: String, _ name: String, _ isNear: Bool) {
    #expect((NearestMatch.find(typed, among: [name]) != nil) == isNear)
  }

  /// A hostile argument may be megabytes long; comparing it would take minutes.
  @Test func veryLongTextsAreNotCompared() {
    let name = String(repeating: "x", count: 65)
    #expect(NearestMatch.find(name, among: [name]) == nil)
  }
}
