import Foundation

/// A file that could not be read, written or understood; names the file and the reason.
package struct FileError: Error, Sendable, CustomStringConvertible {
  package let path: String
  package let reason: String

  package init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  /// The system's own words for why an operation of Foundation failed.
  package init(path: String, cause: any Error) {
    // On Linux it is a POSIXError, which a cast to NSError does not find.
    let underlying = (cause as NSError).userInfo[NSUnderlyingErrorKey] as? any Error
    self.init(path: path, reason: ((underlying ?? cause) as NSError).posixReason)
  }

  package var description: String { "\(path): \(reason)" }
}

extension NSError {
  fileprivate var posixReason: String {
    if domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(code))) }
    if domain == NSCocoaErrorDomain {
      switch CocoaError.Code(rawValue: code) {
      case .fileWriteOutOfSpace: return String(cString: strerror(ENOSPC))
      case .fileWriteFileExists: return String(cString: strerror(EEXIST))
      default: break
      }
    }
    return localizedDescription
  }
}
