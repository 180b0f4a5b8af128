/// One line that cannot steer the terminal: file names may hold line feeds and escapes.
package func printable(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case _ where isControl(scalar) || scalar.properties.generalCategory == .format:
      result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Whether a text that a file holds can be a name, such as that of a class: no longer than the name of a file can be,
/// and without characters that steer terminals or end lines.
package func canBeName(_ text: String) -> Bool {
  (1...255).contains(text.utf8.count) && !text.unicodeScalars.contains(where: isControl)
}

/// Control characters, and line and paragraph separators. Marks that turn the direction of writing, which a line must
/// not hold either, stand in names of some languages.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .lineSeparator, .paragraphSeparator: return true
  default: return false
  }
}
