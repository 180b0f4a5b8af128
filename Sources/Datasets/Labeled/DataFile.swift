import Files
import Foundation
import Imaging
import Machine
import Wording

/// A file of plain bytes, read from front to back and inflated on the way if it is a gzip archive.
///
/// Its content decides whether it is one, not its name. Every error names the file.
final class DataFile {
  let url: URL
  private let file: RegularFile
  /// `nil` for a file that is no archive.
  private let archive: GzipReader?
  private var nextOffset = 0

  /// Throws if the file is missing, unreadable, not a regular file, or empty.
  init(_ url: URL) throws(FileError) {
    self.url = url
    do throws(RegularFile.Failure) {
      file = try RegularFile(url)
      let start = try file.read(at: 0, count: Self.gzipStart.count)
      archive = start == Self.gzipStart ? try Self.archive(file) : nil
    } catch {
      throw FileError(path: url.relativePath, reason: "\(error)")
    }
  }

  var isArchive: Bool { archive != nil }

  /// In bytes, as stored.
  var storedSize: Int { file.size }

  /// The most bytes that can be in the file. Deflate makes at most 258 bytes of 2 bits (RFC 1951,
  /// section 3.2.5).
  var maximumContentSize: Int {
    guard isArchive else { return file.size }
    let (size, overflow) = file.size.multipliedReportingOverflow(by: 1032)
    return overflow ? .max : size
  }

  func error(_ reason: String) -> FileError {
    FileError(path: url.relativePath, reason: reason)
  }

  /// The next bytes: at most `count`, and fewer where the file ends before.
  ///
  /// Throws if the file cannot be read, is a damaged archive, or if there is no memory for so many.
  func read(upTo count: Int) throws(FileError) -> [UInt8] {
    guard memorySuffices(forBytes: count) else {
      throw error("not enough memory for its \(grouped(count)) bytes")
    }
    do {
      if let archive { return try archive.read(upTo: count) }
      let bytes = try file.read(at: nextOffset, count: count)
      nextOffset += bytes.count
      return bytes
    } catch {
      throw self.error("\(error)")
    }
  }

  /// Throws if there is no memory for the images and the orders they are shown in.
  /// - Parameters:
  ///   - bytes: of this file's images.
  ///   - held: bytes that are needed beside them.
  ///   - available: bytes of memory that may be taken; `nil` where that is not known.
  func checkMemory(
    bytes: Int, beside held: Int = 0, images: Int, available: Int?
  ) throws(FileError) {
    let (orders, isBeyond) = images.multipliedReportingOverflow(by: Self.orderBytes)
    let (sum, sumOverflows) = bytes.addingReportingOverflow(held)
    let (all, overflow) = sum.addingReportingOverflow(orders)
    guard !isBeyond, !sumOverflows, !overflow,
      memorySuffices(forBytes: all, available: available)
    else {
      throw error(
        "not enough memory for its \(grouped(bytes)) bytes and \(Self.orderBytes) more for each of "
          + counted(images, "image"))
    }
  }

  /// An image's place in the order of an epoch, and in that of the next one while both are there.
  private static let orderBytes = 2 * MemoryLayout<Int>.size

  private static func archive(
    _ file: RegularFile
  ) throws(RegularFile.Failure) -> GzipReader {
    do {
      return try GzipReader(file)
    } catch {
      throw .unreadable("\(error)")
    }
  }

  /// RFC 1952, section 2.3.1.
  private static let gzipStart: [UInt8] = [0x1F, 0x8B]
}
