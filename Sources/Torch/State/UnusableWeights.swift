/// Why a weights file cannot be used, in words for its reader; whoever knows the path turns it into a
/// `FileError`.
struct UnusableWeights: Error, Equatable {
  /// One line: names come from the file, and line breaks and other control characters in them are escaped.
  let reason: String

  init(_ reason: String) {
    var line = ""
    for scalar in reason.unicodeScalars {
      if scalar.properties.generalCategory == .control {
        line += scalar.escaped(asASCII: true)
      } else {
        line.unicodeScalars.append(scalar)
      }
    }
    self.reason = line
  }
}
