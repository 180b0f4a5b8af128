/// Why a weights file cannot be used, in words for its reader; whoever knows the path turns it into a
/// `FileError`.
struct UnusableWeights: Error, Equatable {
  /// One line: names come from the file, and line breaks and other control characters in them are escaped.
  let reason: String

  init(_ reason: String) { self.reason = escaped(reason) }
}

/// A text in one line: line breaks and other control characters are escaped.
func escaped(_ text: String) -> String {
  var line = ""
  for scalar in text.unicodeScalars {
    if scalar.properties.generalCategory == .control {
      line += scalar.escaped(asASCII: true)
    } else {
      line.unicodeScalars.append(scalar)
    }
  }
  return line
}

/// Names out of a file, as a message shows them: the first few, each cut to a bearable length.
func quoted(_ names: [String]) -> String {
  let shown = names.prefix(5).map { "'\($0.prefix(40))'" }.joined(separator: ", ")
  return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
}
