import Testing

@testable import Files

struct PathEndingTests {
  @Test(arguments: [
    ("a.png", "png", "a"), ("d.e/a.tar.GZ", "GZ", "d.e/a.tar"), ("d/.a.b", "b", "d/.a"),
    ("v1.2", "2", "v1"), ("a..b", "b", "a."), ("é.ü", "ü", "é"),
  ])
  func theEndingFollowsTheLastDot(path: String, ending: String, stem: String) {
    #expect(path.pathEnding.map(String.init) == ending)
    #expect(path.withoutPathEnding == stem)
  }

  @Test(arguments: ["", "a", ".png", "d/.png", "d.e/a", "a.", "d.e/"])
  func namesWithoutOne(path: String) {
    #expect(path.pathEnding == nil)
    #expect(path.withoutPathEnding == path)
  }

  @Test func theLastNameFollowsTheLastSlash() {
    #expect("a/b/c.png".lastPathName == "c.png")
    #expect("c.png".lastPathName == "c.png")
    #expect("/c".lastPathName == "c")
  }
}
