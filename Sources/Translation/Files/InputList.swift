import Datasets
import Files
import Foundation

/// The names of images, from a file or a pipe: one a line, or each ended by a zero byte as `find -print0` does.
package struct InputList: Sendable {
  package let names: PathList

  /// No path is longer on Linux (PATH_MAX); one that is would otherwise be read into memory first.
  private static let longestName = 4096
  /// Far more than a million, and little enough memory.
  private static let mostNames = 20_000_000
  private static let chunk = 1 << 16

  /// - Parameter path: as the user named it; "-" for the standard input.
  /// Throws `FileError` for a file that cannot be read or holds no names.
  package init(at path: String) throws(FileError) {
    guard path != "-" else {
      try self.init(descriptor: STDIN_FILENO, path: "standard input")
      return
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    defer { close(descriptor) }
    try self.init(descriptor: descriptor, path: path)
  }

  private init(descriptor: Int32, path: String) throws(FileError) {
    var reader = NameReader(path: path, longestName: Self.longestName, mostNames: Self.mostNames)
    var buffer = [UInt8](repeating: 0, count: Self.chunk)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError(path: path, code: errno) }
      if count == 0 { break }
      try reader.add(buffer[..<count])
    }
    names = try reader.finish()
  }
}

/// Cuts bytes, as they come, into names.
private struct NameReader {
  let path: String
  let longestName: Int
  let mostNames: Int
  private var names = PathList()
  private var unfinished: [UInt8] = []
  /// Of the names, empty lines included, that have ended.
  private var number = 0
  /// Known with the first bytes: a zero byte is in no name and in no line.
  private var end: UInt8?

  init(path: String, longestName: Int, mostNames: Int) {
    (self.path, self.longestName, self.mostNames) = (path, longestName, mostNames)
  }

  mutating func add(_ bytes: ArraySlice<UInt8>) throws(FileError) {
    let end = end ?? (bytes.contains(0) ? 0 : UInt8(ascii: "\n"))
    self.end = end
    var rest = bytes
    while let place = rest.firstIndex(of: end) {
      unfinished += rest[..<place]
      try endName()
      rest = rest[(place + 1)...]
    }
    unfinished += rest
    guard unfinished.count <= longestName else { throw tooLong }
  }

  /// The last name needs no end.
  mutating func finish() throws(FileError) -> PathList {
    if !unfinished.isEmpty { try endName() }
    guard !names.isEmpty else { throw FileError(path: path, reason: "it names no images") }
    return names
  }

  private mutating func endName() throws(FileError) {
    number += 1
    defer { unfinished.removeAll(keepingCapacity: true) }
    if end == UInt8(ascii: "\n"), unfinished.last == UInt8(ascii: "\r") { unfinished.removeLast() }
    if unfinished.isEmpty {
      if end == 0 { throw fault("is empty") }
      return
    }
    guard unfinished.count <= longestName else { throw tooLong }
    if unfinished.contains(0) {
      throw fault("holds a zero byte, which the names before it do not end with")
    }
    guard let name = String(validating: unfinished, as: UTF8.self) else {
      throw fault("is not UTF-8; rename the file")
    }
    guard names.count < mostNames else {
      throw FileError(path: path, reason: "it names more than \(mostNames) images; split it")
    }
    names.append(name)
  }

  private var tooLong: FileError {
    FileError(path: path, reason: "name \(number + 1) is longer than any path")
  }

  private func fault(_ what: String) -> FileError {
    FileError(path: path, reason: "name \(number) \(what)")
  }
}
