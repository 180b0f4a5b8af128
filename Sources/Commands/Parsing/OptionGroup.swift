/// Options that several commands have: a struct that states them in rows, once.
///
/// A command holds the struct as one of its properties and embeds the rows in its table.
protocol OptionGroup: Sendable {
  static var rows: [Option<Self>] { get }
}

extension Array {
  /// The rows of the options that a command holds at `path`.
  static func embedded<Options, Group: OptionGroup>(
    _ path: WritableKeyPath<Options, Group> & Sendable
  ) -> [Option<Options>] where Element == Option<Options> {
    embedded(Group.rows, at: path)
  }

  /// The same for some of a group's rows.
  static func embedded<Options, Group>(
    _ rows: [Option<Group>], at path: WritableKeyPath<Options, Group> & Sendable
  ) -> [Option<Options>] where Element == Option<Options> {
    rows.map { Option(embedding: $0, at: path) }
  }
}
