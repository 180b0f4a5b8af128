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

  /// A hostile argument may be megabytes long; comparing it would take minutes.
  @Test func veryLongTextsAreNotCompared() {
    let name = String(repeating: "x", count: 65)
    #expect(NearestMatch.find(name, among: [name]) == nil)
  }
}
