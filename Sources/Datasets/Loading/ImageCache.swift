import Foundation
import Imaging
import Machine
import Synchronization
import Wording

/// Images that have been decoded and resized, kept up to a number of bytes, so that each file of a data
/// set that fits is decoded once.
///
/// Only what is the same in every epoch is kept; cutting and mirroring come after it. An image therefore
/// reaches the network with the same pixels whether it was kept or not.
package final class ImageCache: Sendable {
  private struct Key: Hashable {
    let page: ImagePage
    let channels: Int
  }

  private struct State {
    var images: [Key: Image] = [:]
    var byteCount = 0
  }

  /// In bytes.
  package let capacity: Int
  private let state = Mutex(State())

  /// - Parameter capacity: in bytes of pixels; 0 keeps nothing.
  package init(capacity: Int) { self.capacity = capacity }

  /// Images that are kept, and the bytes of their pixels.
  package var contents: (count: Int, byteCount: Int) {
    state.withLock { ($0.images.count, $0.byteCount) }
  }

  /// An image in the number of channels it was prepared for.
  func image(_ page: ImagePage, channels: Int) -> Image? {
    state.withLock { $0.images[Key(page: page, channels: channels)] }
  }

  /// Whether an image of this size would be kept.
  func hasRoom(height: Int, width: Int, channels: Int, bitDepth: Int = 8) -> Bool {
    state.withLock { $0.byteCount + height * width * channels * bitDepth / 8 <= capacity }
  }

  /// Keeps an image if there is room.
  func keep(_ image: Image, of page: ImagePage) {
    let byteCount = image.height * image.width * image.channels * image.bitDepth / 8
    state.withLock { state in
      let key = Key(page: page, channels: image.channels)
      guard state.byteCount + byteCount <= capacity, state.images[key] == nil else { return }
      state.images[key] = image
      state.byteCount += byteCount
    }
  }
}

/// How much memory a run may keep decoded images in.
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
