import Datasets
import Files
import Foundation
import Wording

/// A number of 128 bits for bytes, to know them again: two streams of SplitMix64's mixer over words of 8 bytes.
///
/// It keeps different contents apart that were not made to collide.
struct ContentHash {
  private var (first, second): (UInt64, UInt64) = (0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344)

  private mutating func add(word: UInt64) {
    first = SplitMix64.mixed(first ^ word)
    second = SplitMix64.mixed(second &+ word &* 0x9E37_79B9_7F4A_7C15 &+ 1)
  }

  mutating func add(_ bytes: some Sequence<UInt8>, count: Int) {
    add(word: UInt64(count))
    var (word, filled): (UInt64, UInt64) = (0, 0)
    for byte in bytes {
      word |= UInt64(byte) << (8 * filled)
      filled += 1
      if filled == 8 {
        add(word: word)
        (word, filled) = (0, 0)
      }
    }
    if filled > 0 { add(word: word) }
  }

  mutating func add(_ text: String) { add(text.utf8, count: text.utf8.count) }

  /// The file's size and content. Throws where it cannot be read.
  mutating func add(contentOf url: URL) throws(FileError) {
    do throws(RegularFile.Failure) {
      let file = try RegularFile(url)
      add(word: UInt64(file.size))
      var offset = 0
      while offset < file.size {
        let bytes = try file.read(at: offset, count: 1 << 20)
        guard !bytes.isEmpty else { break }
        bytes.withUnsafeBytes { buffer in
          let words = buffer.count / 8
          for index in 0..<words {
            add(word: buffer.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
          }
          add(buffer[(8 * words)...], count: buffer.count - 8 * words)
        }
        offset += bytes.count
      }
    } catch {
      throw FileError(path: url.relativePath, reason: error.words)
    }
  }

  /// 32 hexadecimal digits.
  var text: String { padded(first, to: 16, radix: 16) + padded(second, to: 16, radix: 16) }
}
