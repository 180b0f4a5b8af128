import CCodec
import CZlib
import Files
import Imaging

/// The bytes in a gzip archive, from front to back.
///
/// Nothing is inflated before it is asked for, so an archive that would inflate to more than it should
/// costs no memory.
final class GzipReader {
  enum Failure: Error, Equatable, CustomStringConvertible {
    /// The system's words.
    case unreadable(RegularFile.Failure)
    /// The archive ends before what is in it does.
    case truncated
    /// zlib's words, such as "incorrect data check".
    case damaged(String)
    case outOfMemory

    var description: String {
      switch self {
      case .unreadable(let reason): "\(reason)"
      case .truncated: "the gzip archive ends early"
      case .damaged(let words): "the gzip archive is damaged (\(words))"
      case .outOfMemory: "not enough memory for inflating the gzip archive"
      }
    }
  }

  private let file: RegularFile
  private let inflater: OpaquePointer
  /// Read from the file and not yet inflated.
  private var input: ArraySlice<UInt8> = []
  private var nextOffset = 0

  /// Throws if there is no memory for zlib's window.
  init(_ file: RegularFile) throws(Failure) {
    self.file = file
    var created: OpaquePointer?
    try Self.attempt { czlib_inflater_create(&created, $0) }
    guard let created else { throw .outOfMemory }
    inflater = created
  }

  deinit { czlib_inflater_release(inflater) }

  /// At most `count` bytes; fewer where the archive ends before. The checksum of what was read is known
  /// to be right once fewer bytes come than were asked for.
  ///
  /// Throws for a damaged or unreadable archive.
  func read(upTo count: Int) throws(Failure) -> [UInt8] {
    var failure: Failure?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, initializedCount in
      do throws(Failure) {
        while initializedCount < count {
          let isEnd = try fillInput()
          let rest = UnsafeMutableBufferPointer(rebasing: target[initializedCount..<count])
          let produced = try inflate(into: rest)
          initializedCount += produced
          if isEnd && produced == 0 { break }
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// - Returns: whether there is nothing more to be read from the file.
  private func fillInput() throws(Failure) -> Bool {
    guard input.isEmpty else { return false }
    do throws(RegularFile.Failure) {
      input = try file.read(at: nextOffset, count: Self.pieceBytes)[...]
    } catch {
      throw .unreadable(error)
    }
    nextOffset += input.count
    return input.isEmpty
  }

  private func inflate(into target: UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Int {
    var consumed = 0
    var produced = 0
    try Self.attempt { message in
      input.withUnsafeBufferPointer { source in
        czlib_inflate(
          inflater, source.baseAddress, source.count, &consumed, target.baseAddress, target.count,
          &produced, message)
      }
    }
    input = input.dropFirst(consumed)
    return produced
  }

  private static func attempt(
    _ call: (UnsafeMutablePointer<CChar>) -> codec_status
  ) throws(Failure) {
    do throws(ShimFailure) {
      try Imaging.attempt(call)
    } catch {
      switch error {
      case .truncated: throw .truncated
      case .broken(let words): throw .damaged(words)
      case .outOfMemory: throw .outOfMemory
      }
    }
  }

  private static let pieceBytes = 1 << 16
}
