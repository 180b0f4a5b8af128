import Files
import Testing

@testable import Datasets

/// How a class is named.
struct ImageClassTests {
  private static let classes = ["Cat", "cat", "Dog", "2", "ÉTÉ"].enumerated().map {
    ImageClass(name: $1, number: $0)
  }

  @Test(arguments: [
    ("cat", 1), ("Cat", 0), ("dog", 2), ("été", 4), ("2", 3), ("4", 4), ("0", 0), ("03", 3),
  ])
  func nameThenLetterCaseThenNumber(wanted: String, number: Int) throws {
    #expect(try find(wanted).number == number)
  }

  @Test func whatIsMeantHasToBeClear() {
    let error = #expect(throws: FileError.self) { try find("CAT") }
    #expect(error?.description == "pets: the class 'CAT' could be 'Cat' or 'cat'")
  }

  @Test(arguments: ["bird", "", "6", "-1", "99999999999999999999"])
  func whatDoesNotExistIsAnErrorWithAList(wanted: String) {
    let error = #expect(throws: FileError.self) { try find(wanted) }
    #expect(
      error?.description
        == "pets: there is no class '\(wanted)'; there are 'Cat', 'cat', 'Dog', '2' and 'ÉTÉ'")
  }

  /// All images need no list of their places.
  @Test func thePlacesOfAClassAreListed() throws {
    let layout = PackedImages.Layout(height: 1, width: 1, channels: 1, prefix: 0)
    let found = LabeledImages(
      images: PackedImages(layout: layout, bytes: [9, 8, 7]), labels: [1, 0, 1],
      classes: [ImageClass(name: "zero", number: 0), ImageClass(name: "one", number: 1)],
      warnings: [])
    let all = try found.choose(nil, of: "pets").places
    #expect(all == .all(0..<3))
    #expect((0..<all.count).map { all[$0] } == [0, 1, 2])
    let ones = try found.choose("one", of: "pets").places
    #expect(ones == .some([0, 2]))
    #expect((0..<ones.count).map { ones[$0] } == [0, 2])
  }

  @Test func longListsAreCutShort() {
    let many = (0..<1102).map { ImageClass(name: "n\($0)", number: $0) }
    let error = #expect(throws: FileError.self) {
      try ImageClass.find("x", among: many, of: "pets")
    }
    let list = (0..<100).map { "'n\($0)'" }.joined(separator: ", ")
    #expect(error?.reason == "there is no class 'x'; there are \(list) and 1,002 more")
  }

  @Test func oneClassIsNoList() {
    let error = #expect(throws: FileError.self) {
      try ImageClass.find("x", among: [Self.classes[2]], of: "pets")
    }
    #expect(error?.reason == "there is no class 'x'; there is only 'Dog'")
  }

  private func find(_ wanted: String) throws(FileError) -> ImageClass {
    try ImageClass.find(wanted, among: Self.classes, of: "pets")
  }
}
