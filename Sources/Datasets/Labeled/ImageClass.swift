import Files
import Wording

/// A class as `--class` names it.
struct ImageClass: Sendable, Equatable {
  let name: String
  let number: Int

  /// Finds a class by its name, else by its name with accents encoded otherwise, else by its name in other letter case,
  /// else by its number.
  ///
  /// Throws, with a list of the classes, if there is none or more than one.
  static func find(
    _ wanted: String, among classes: [ImageClass], of path: String
  ) throws(FileError) -> ImageClass {
    let equal = classes.filter { $0.name == wanted }
    let same = equal.first { $0.name.utf8.elementsEqual(wanted.utf8) }
    if let exact = equal.count == 1 ? equal[0] : same { return exact }
    let similar = classes.filter { $0.name.lowercased() == wanted.lowercased() }
    if similar.count > 1 {
      throw FileError(
        path: path, reason: "the class '\(wanted)' could be \(list(similar, before: " or "))")
    }
    let numbered = Int(wanted).flatMap { number in classes.first { $0.number == number } }
    if let found = similar.first ?? numbered { return found }
    throw FileError(path: path, reason: absence(of: wanted, among: classes))
  }

  /// That there is no class of a name, with a list of those that there are.
  static func absence(of wanted: String, among classes: [ImageClass]) -> String {
    let choice =
      switch classes.count {
      case 0: "there are no classes"
      case 1: "there is only '\(classes[0].name)'"
      default: "there are \(list(classes))"
      }
    return "there is no class '\(wanted)'; \(choice)"
  }

  /// "'cat', 'dog' and 'frog'", for two classes and more.
  private static func list(_ classes: [ImageClass], before last: String = " and ") -> String {
    let names = classes.prefix(listedAtMost).map { "'\($0.name)'" }
    let more = classes.count - names.count
    return more > 0
      ? listed(names + ["\(grouped(more)) more"]) : listed(names, before: last)
  }

  private static let listedAtMost = 100
}
