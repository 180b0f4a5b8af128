/// The command line, not the world, is wrong: the tool exits 64.
struct UsageError: Error, Equatable, CustomStringConvertible {
  /// One line that names the option; it is printed after `error: `.
  let description: String
  /// A line to print before it, such as the usage of the command.
  let hint: String?

  init(_ description: String, hint: String? = nil) {
    self.description = description
    self.hint = hint
  }
}
