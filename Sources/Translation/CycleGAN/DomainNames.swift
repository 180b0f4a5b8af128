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

  /// The two words of a name like "horse2zebra", as the reference's data sets have them.
  private static func parts(of name: String) -> (String, String)? {
    let parts = name.split(separator: "2", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count > 1 }) else { return nil }
    return (String(parts[0]), String(parts[1]))
  }
}
