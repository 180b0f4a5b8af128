import Files

/// The classes that a model knows, as `--class` names them.
package struct ClassNames: Sendable {
  /// In the order of their places.
  let classes: [ImageClass]

  /// - Parameter names: in the order of their places. A class whose name is a number has that number, others that of
  ///   their place, or, where another is called that, the first that nobody has behind all places.
  package init(_ names: [String]) {
    var taken = Set(names.compactMap { Int($0) })
    var next = names.count
    classes = names.enumerated().map { place, name in
      if let own = Int(name) { return ImageClass(name: name, number: own) }
      if !taken.contains(place) { return ImageClass(name: name, number: place) }
      while taken.contains(next) { next += 1 }
      taken.insert(next)
      return ImageClass(name: name, number: next)
    }
  }

  /// The numbers of the classes of a name in any letter case, with their own names.
  package func numbers(named name: String) -> [(name: String, number: Int)] {
    classes.filter { $0.name.lowercased() == name.lowercased() }.map { ($0.name, $0.number) }
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
