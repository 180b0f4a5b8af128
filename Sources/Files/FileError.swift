import Foundation

/// A file or folder that could not be read, written or used; names it and says why.
package struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// As the caller named it.
  package let path: String
  package let reason: String

  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  /// The system's own words for why an operation of Foundation failed.
  package init(path: String, cause: any Error) {
    self.init(path: path, reason: systemWords(for: cause))
  }

  /// The system's words for an error number.
  package init(path: String, code: Int32) {
    self.init(path: path, reason: systemMessage(code, of: path))
  }

  /// One line: the path, a colon and the reason. Line breaks and other control characters of the
  /// path are escaped.
  package var description: String { "\(escapingControls(path)): \(reason)" }
}

private func escapingControls(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    if scalar.properties.generalCategory == .control {
      escaped += scalar.escaped(asASCII: true)
    } else {
      escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }

/// The same for a call about a path.
func systemMessage(_ code: Int32, of path: String) -> String {
  // Bytes that are not UTF-8 were replaced when the name was read, so that no file has this name.
  code == ENOENT && path.unicodeScalars.contains("\u{FFFD}")
    ? "the name is not UTF-8; rename it" : systemMessage(code)
}

/// The system's words for the error number behind one of Foundation's errors, whose own are long and name
/// Foundation's types.
package func systemWords(for error: any Error) -> String {
  // On Linux it is a POSIXError, which a cast to NSError does not find.
  let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
  let cause = (underlying ?? error) as NSError
  if cause.domain == NSPOSIXErrorDomain { return systemMessage(Int32(cause.code)) }
  guard cause.domain == NSCocoaErrorDomain else { return "the system gave no reason" }
  switch CocoaError.Code(rawValue: cause.code) {
  case .fileWriteOutOfSpace: return systemMessage(ENOSPC)
  case .fileWriteFileExists: return systemMessage(EEXIST)
  case .fileWriteVolumeReadOnly: return systemMessage(EROFS)
  case .fileNoSuchFile, .fileReadNoSuchFile: return systemMessage(ENOENT)
  case .fileReadNoPermission, .fileWriteNoPermission: return systemMessage(EACCES)
  case .fileReadTooLarge: return systemMessage(EFBIG)
  case .fileReadInvalidFileName, .fileWriteInvalidFileName: return "the name is not possible"
  default: return "it cannot be read or written"
  }
}
