import Testing

@testable import Translation

struct DomainNamesTests {
  @Test(arguments: [
    ("photos/day", "photos/night", "day", "night"),
    ("/x/day/images", "/x/night/images", "day", "night"),
    ("sets/day2night/trainA", "sets/day2night/trainB", "day", "night"),
    ("sets/mine/trainA", "sets/mine/trainB", "trainA", "trainB"),
    ("summer2winter_yosemite/trainA", "summer2winter_yosemite/trainB", "summer", "winter_yosemite"),
    ("2024/trainA", "2024/trainB", "trainA", "trainB"),
    ("tests-64B0-4246-AFB8/trainA", "tests-64B0-4246-AFB8/trainB", "trainA", "trainB"),
    ("photos-2x/trainA", "photos-2x/trainB", "trainA", "trainB"),
  ])
  func namesFromFolders(a: String, b: String, nameA: String, nameB: String) {
    let names = DomainNames(folderA: a, folderB: b)
    #expect(names.a == nameA)
    #expect(names.b == nameB)
  }
}
