import Imaging

/// Images waiting for others of their size, so that they can go through the network together.
struct TranslationBatches {
  /// What has to agree within a batch.
  private struct Kind: Hashable {
    let height: Int
    let width: Int
    let bitDepth: Int
  }

  /// Images of so many pixels together are fastest: layers have enough to do, and a residual block's maps
  /// still fit in the processor's cache. Measured with the default network on a CPU: 256x256 images take
  /// an eighth less time by twos than alone or by fours.
  private static let pixels = 2 * 256 * 256
  private static let mostImages = 32
  /// Of all sizes, so that memory is bounded where every image has a size of its own; a batch of the size
  /// asked for comes together.
  let mostWaiting: Int
  private let size: Int?
  private var waiting: [Kind: [Source]] = [:]
  private var waitingCount = 0

  /// - Parameter size: images in a batch; `nil` decides by their pixels.
  init(size: Int?) {
    self.size = size
    mostWaiting = max(64, size ?? 0)
  }

  /// Takes an image in; returns a batch that is ready, if this makes one.
  mutating func add(_ source: Source, _ image: Image) -> [Source]? {
    let kind = Kind(height: image.height, width: image.width, bitDepth: image.bitDepth)
    waiting[kind, default: []].append(source)
    waitingCount += 1
    if waiting[kind]!.count >= fullSize(of: image) { return take(kind) }
    guard waitingCount >= mostWaiting else { return nil }
    return waiting.max { $0.value.count < $1.value.count }.flatMap { take($0.key) }
  }

  /// The batches that are not full, those of earlier images first.
  mutating func takeRest() -> [[Source]] {
    defer {
      waiting = [:]
      waitingCount = 0
    }
    return waiting.values.sorted { $0[0].job.output.path < $1[0].job.output.path }
  }

  private func fullSize(of image: Image) -> Int {
    size ?? min(max(1, Self.pixels / (image.height * image.width)), Self.mostImages)
  }

  private mutating func take(_ kind: Kind) -> [Source]? {
    guard let batch = waiting.removeValue(forKey: kind) else { return nil }
    waitingCount -= batch.count
    return batch
  }
}
