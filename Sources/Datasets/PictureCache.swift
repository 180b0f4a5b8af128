import Foundation
import Imaging
import Synchronization

/// Pictures that have been decoded and resized, kept up to a number of bytes, so that each file of a data
/// set that fits is decoded once.
///
/// Only what is the same in every epoch is kept; cutting and mirroring come after it. A picture therefore
/// reaches the network with the same pixels whether it was kept or not.
package final class PictureCache: Sendable {
  private struct Key: Hashable {
    let file: URL
    let channels: Int
  }

  private struct State {
    var pictures: [Key: Image] = [:]
    var byteCount = 0
  }

  /// In bytes.
  package let capacity: Int
  private let state = Mutex(State())

  /// - Parameter capacity: in bytes of pixels; 0 keeps nothing.
  package init(capacity: Int) { self.capacity = capacity }

  /// Pictures that are kept, and the bytes of their pixels.
  package var contents: (count: Int, byteCount: Int) {
    state.withLock { ($0.pictures.count, $0.byteCount) }
  }

  /// A picture in the number of channels it was prepared for.
  func picture(_ file: URL, channels: Int) -> Image? {
    state.withLock { $0.pictures[Key(file: file, channels: channels)] }
  }

  /// Whether a picture of this size and 8 bits would be kept.
  func hasRoom(height: Int, width: Int, channels: Int) -> Bool {
    state.withLock { $0.byteCount + height * width * channels <= capacity }
  }

  /// Keeps a picture if there is room.
  func keep(_ picture: Image, of file: URL) {
    let byteCount = picture.height * picture.width * picture.channels * picture.bitDepth / 8
    state.withLock { state in
      let key = Key(file: file, channels: picture.channels)
      guard state.byteCount + byteCount <= capacity, state.pictures[key] == nil else { return }
      state.pictures[key] = picture
      state.byteCount += byteCount
    }
  }
}

/// How much memory a run may keep decoded pictures in.
package enum CacheSize: Sendable, Equatable {
  /// Half of what is free when the run begins.
  case automatic
  case off
  case gibibytes(Double)

  /// In bytes.
  package var capacity: Int {
    switch self {
    case .automatic: (availableMemory() ?? 0) / 2
    case .off: 0
    case .gibibytes(let size): Int(size * 0x1p30)
    }
  }
}
