import Testing

@testable import Datasets

struct PathListTests {
  private func list(_ paths: [String]) -> PathList {
    var list = PathList()
    for path in paths { list.append(path) }
    return list
  }

  @Test func pathsComeBackAsTheyWere() {
    let paths = ["a/b.png", "", "\u{E9}.png", "e\u{301}.png", "北京 🖼.png"]
    let list = list(paths)
    #expect(list.map { Array($0.utf8) } == paths.map { Array($0.utf8) })
    #expect(list.count == 5)
    #expect(Array(PathList()) == [])
  }

  /// "e" is 65, "Z" is 5a, "\u{301}" is cc 81, "\u{E9}" is c3 a9; a path stands before those that it begins.
  @Test func pathsAreSortedByTheirBytes() {
    let sorted = list(["\u{E9}", "e\u{301}", "e", "a/b", "a", "Z", "a"]).sorted()
    #expect(
      sorted.map { Array($0.utf8) }
        == ["Z", "a", "a", "a/b", "e", "e\u{301}", "\u{E9}"].map { Array($0.utf8) })
  }

  @Test func repetitionsAreThePlacesOfEqualBytes() {
    #expect(list(["b", "a", "c", "a", "b", "a"]).repetitions() == [[1, 3, 5], [0, 4]])
    // Equal strings, but two names.
    #expect(list(["\u{E9}", "e\u{301}"]).repetitions() == [])
    #expect(PathList().repetitions() == [])
  }
}
