import Foundation

/// What people call the two domains, from where their images are.
package struct DomainNames: Equatable, Sendable {
  package let a: String
  package let b: String

  /// "day" and "night" from `photos/day` and `photos/night`, from `day/images` and `night/images`, and from
  /// `day2night/trainA` and `day2night/trainB`.
  package init(folderA: String, folderB: String) {
    let (pathA, pathB) = (Self.components(folderA), Self.components(folderB))
    let differing = zip(pathA.reversed(), pathB.reversed()).first { $0 != $1 }
    let (a, b) = differing ?? (pathA.last ?? "A", pathB.last ?? "B")
    if a.hasSuffix("A"), b.hasSuffix("B"), a.dropLast() == b.dropLast(),
      let root = pathA.dropLast().last, let (first, second) = Self.parts(of: root)
    {
      (self.a, self.b) = (first, second)
    } else {
      (self.a, self.b) = (a, b)
    }
  }

  private static func components(_ path: String) -> [String] {
    URL(fileURLWithPath: path).standardizedFileURL.pathComponents.filter { $0 != "/" }
  }

  /// The two words of a name like "horse2zebra", as the reference's data sets have them. A name with other digits is a
  /// number, a date or a version, in which the 2 says nothing.
  private static func parts(of name: String) -> (String, String)? {
    guard let match = name.wholeMatch(of: /(\p{L}[\p{L} _-]+)2(\p{L}[\p{L} _-]+)/) else {
      return nil
    }
    return (String(match.1), String(match.2))
  }
}
