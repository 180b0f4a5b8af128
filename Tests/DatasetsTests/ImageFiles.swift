import Datasets
import Files
import Foundation
import Testing

/// The bytes of an IDX file: two zeros, 8 for bytes, the number of axes, their sizes, the numbers.
func idx(_ sizes: [UInt32], _ numbers: [UInt8]) -> [UInt8] {
  let sizeBytes = sizes.flatMap { size in
    stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: size >> $0) }
  }
  return [0, 0, 8, UInt8(sizes.count)] + sizeBytes + numbers
}

/// A label and 3,072 samples: red, green and blue planes of 32 rows of 32.
func cifarRecord(_ label: UInt8, red: UInt8 = 0, green: UInt8 = 0, blue: UInt8 = 0) -> [UInt8] {
  [label]
    + [red, green, blue].flatMap { [UInt8](repeating: $0, count: 1024) }
}

/// Writes files into a folder, which is made with the folders in between.
func write(_ files: [String: [UInt8]], in folder: URL) throws {
  for (path, bytes) in files {
    let file = folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }
}

func source(
  _ folder: URL, class name: String? = nil, strict: Bool = false
) throws -> ImageSource {
  try ImageSource(at: folder, class: name, strict: strict, workers: 2)
}

/// Expects an error that reads `folder`, `place` (empty, or a slash and a file's path), a colon, `reason`.
func expectError(
  _ place: String, _ reason: String, in folder: URL, class name: String? = nil,
  strict: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) {
    try source(folder, class: name, strict: strict)
  }
  #expect(
    error?.description == "\(folder.path)\(place): \(reason)", sourceLocation: sourceLocation)
}

/// Linux's file system in memory takes files of nearly any size, of which only what is written needs room.
let sparseFilesAreAvailable = FileManager.default.fileExists(atPath: "/dev/shm")

/// Lends a folder with one file of `size` bytes: `start`, then zeros.
func withSparseFile(
  _ name: String, start: [UInt8], size: Int, _ body: (URL) throws -> Void
) throws {
  let folder = URL(fileURLWithPath: "/dev/shm/cyclegan-tests-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try write([name: start], in: folder)
  try #require(truncate(folder.appendingPathComponent(name).path, off_t(size)) == 0)
  try body(folder)
}

/// Files that are images of their own.
func pages(_ files: [URL]) -> [ImagePage] { files.map { ImagePage($0) } }
