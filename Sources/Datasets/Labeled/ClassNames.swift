import Files

/// The classes that a model knows, as `--class` names them.
package struct ClassNames: Sendable {
  private let classes: [ImageClass]

  /// - Parameter names: in the order of their places. A class whose name is a number has that number, others that of
  ///   their place.
  package init(_ names: [String]) {
    classes = names.enumerated().map { ImageClass(name: $1, number: Int($1) ?? $0) }
  }

  /// The place of the class of exactly this name, as a folder has it.
  ///
  /// Throws, with a list of the classes, if there is none.
  package func place(named name: String, path: String) throws(FileError) -> Int {
    guard let place = classes.firstIndex(where: { $0.name == name }) else {
      throw FileError(path: path, reason: ImageClass.absence(of: name, among: classes))
    }
    return place
  }

  /// The place of the class that is meant by a name, in any letter case, or a number.
  ///
  /// Throws, with a list of the classes, if there is none or more than one.
  package func place(of wanted: String, path: String) throws(FileError) -> Int {
    let found = try ImageClass.find(wanted, among: classes, of: path)
    return classes.firstIndex(of: found) ?? 0
  }
}
