import Files
import Foundation

/// One image on the standard input or output. It goes through a file: decoders go back and forth in it, and a result
/// is sent once it is whole.
final class ImagePipe {
  /// What stands for a pipe on a command line.
  static let name = "-"

  /// More than any image that is read.
  private static let mostBytes = 4 << 30

  private let folder: URL
  private let places: [Int]
  private let input: URL
  /// Where the result goes first.
  let result: URL

  /// Makes a folder of its own for the files. Throws `FileError`.
  init() throws(FileError) {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      TemporaryName.name(for: "cyclegan"))
    (input, result) = (
      folder.appendingPathComponent("input"), folder.appendingPathComponent("result")
    )
    self.folder = folder
    try makeFolder(at: folder)
    places = [input, result, folder].compactMap { EphemeralPaths.all.insert($0.path) }
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
    places.forEach(EphemeralPaths.all.remove)
  }

  /// The file with the bytes of the standard input. Throws `FileError`.
  func receive() throws(FileError) -> URL {
    do {
      try Data().write(to: input)
      let file = try FileHandle(forWritingTo: input)
      var count = 0
      while let bytes = try FileHandle.standardInput.read(upToCount: 1 << 20), !bytes.isEmpty {
        count += bytes.count
        guard count <= Self.mostBytes else {
          throw FileError(path: "standard input", reason: "it has more bytes than any image")
        }
        try file.write(contentsOf: bytes)
      }
      try file.close()
    } catch {
      throw error as? FileError ?? FileError(path: "standard input", cause: error)
    }
    return input
  }

  /// Writes the result to the standard output. Throws `FileError`.
  func send() throws(FileError) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(contentsOf: result))
    } catch {
      throw FileError(path: "standard output", cause: error)
    }
  }
}
