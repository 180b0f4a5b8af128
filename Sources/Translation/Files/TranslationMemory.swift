import Datasets
import Models
import Torch
import Training

/// What it takes to send an image through a generator, and how that is done with the memory there is.
struct TranslationMemory: Sendable {
  /// How an image goes through the network.
  enum Way: Sendable, Equatable {
    case whole
    /// In tiles, instead of `wholeBytes` at once where that is the reason.
    case tiles(TiledGenerator.Plan, wholeBytes: Int?)
    case impossible(neededBytes: Int)
  }

  let configuration: GeneratorConfiguration
  /// Side of the tiles that are asked for; nil leaves it to the memory.
  let side: Int?
  /// In bytes; nil where nobody knows.
  var available: Int?

  /// With the memory that is free now.
  func measured() -> TranslationMemory {
    var result = self
    // What earlier images' maps have left behind counts as used, and is not.
    result.available = availableMemory().map { $0 + Backend.reusableMemory }
    return result
  }

  /// More is not taken for one image, however much there is: beyond it, tiles are as fast.
  static let limit = 8 << 30

  /// Sides of tiles that are tried where none is asked for, in pixels.
  private static let sides = [512, 256, 128]

  /// - Parameters:
  ///   - height: the image's, with `width`, in pixels.
  ///   - count: images that go through together.
  func way(height: Int, width: Int, count: Int = 1) -> Way {
    let needed = wholeBytes(height: height, width: width, count: count)
    if needed <= budget && max(height, width) <= side ?? .max { return .whole }
    let sides = side.map { [$0] } ?? Self.sides
    for side in sides {
      let plan = plan(side: side, height, width)
      if tiledBytes(height: height, width: width, plan) <= available ?? .max {
        return .tiles(plan, wholeBytes: self.side == nil ? needed : nil)
      }
    }
    let smallest = plan(side: sides.last!, height, width)
    return .impossible(neededBytes: tiledBytes(height: height, width: width, smallest))
  }

  /// `count` images of one size in as few groups as the memory can take through the network, each of at
  /// least one.
  func groups(of count: Int, height: Int, width: Int) -> [Range<Int>] {
    let one = wholeBytes(height: height, width: width, count: 1)
    let more = wholeBytes(height: height, width: width, count: 2) - one
    let most = 1 + max(budget - one, 0) / more
    return stride(from: 0, to: count, by: most).map { $0..<min($0 + most, count) }
  }

  /// Whether `count` images of this size may be in memory before it is their turn: they get a quarter of
  /// what is free.
  func canWait(height: Int, width: Int, count: Int) -> Bool {
    let bytes = Double(height) * Double(width) * Self.bytesOfImage / 2
    return bytes * Double(count) <= Double(available ?? Self.limit) / 4
  }

  private var budget: Int { min(available ?? .max, Self.limit) }

  /// Maps are kept in float32 where that fits, and otherwise in float16, which is eight times as fine as
  /// bfloat16.
  private func plan(side: Int, _ height: Int, _ width: Int) -> TiledGenerator.Plan {
    let fine = TiledGenerator.Plan(side: side, storage: .float32)
    let fits = tiledBytes(height: height, width: width, fine) <= budget
    return fits ? fine : .init(side: side, storage: .float16)
  }

  /// Maps at the image's size with the first layer's channels, a few of which are there at once, in
  /// float32: such as a normalization's input and output, and the padded output.
  func wholeBytes(height: Int, width: Int, count: Int = 1) -> Int {
    let pixels =
      Double(configuration.paddedSize(height)) * Double(configuration.paddedSize(width))
      * Double(count)
    let maps = pixels * Double(configuration.baseChannels) * 4 * Self.mapsAtOnce
    return clamped(maps + pixels * Self.bytesOfImage + Self.base)
  }

  /// The maps that are kept, the tiles that are computed but not yet stored, the tile that is worked on,
  /// and the image with its result.
  func tiledBytes(height: Int, width: Int, _ plan: TiledGenerator.Plan) -> Int {
    let (height, width) = (configuration.paddedSize(height), configuration.paddedSize(width))
    let pixels = Double(height) * Double(width)
    let filters = Double(configuration.baseChannels)
    let element = pixels * Double(plan.storage.byteCount)
    let images = pixels * Self.bytesOfImage
    // Two rows of tiles wait before they are stored (`StoredMap.fill`), or columns where those are shorter.
    // Tiles of a map at a quarter of the size have 16 pixels and more.
    let waiting = min(
      1, 2 * Double(max(plan.side, 64)) / Double(max(height, width)))
    let kept: Double
    switch configuration.architecture {
    case .resNet:
      // Maps of four times the filters at a quarter of the size: two while the image is neither
      // needed any more nor its result begun, one beside them.
      let map = element * 4 * filters / 16
      kept = max(2 * map, map + images) + waiting * map
    case .uNet:
      // On the way up, beside the maps of the way down, which have 2f, 4f and 8f channels at 1/4, 1/8
      // and 1/16 of the size and below: what has come up, 2f at 1/4 and 4f at 1/8.
      let maps = 2.0 / 16 + 4.0 / 64 + 8.0 / 192 + 2.0 / 16 + 4.0 / 64
      kept = element * filters * (maps + waiting * 2 / 16) + images
    }
    // Layers overlap, and each level of them holds its part of the tile.
    let tile = Double(min(plan.side, height) + 32) * Double(min(plan.side, width) + 32)
    return clamped(kept + 2 * Self.mapsAtOnce * tile * filters * 4 + Self.base)
  }

  private func clamped(_ bytes: Double) -> Int { Int(min(bytes, 1e18)) }

  private static let mapsAtOnce = 3.0
  /// Samples of 16 bits in three channels, as they come and as they go.
  private static let bytesOfImage = 12.0
  /// The program, libtorch and a network's weights.
  private static let base = 0.5 * 0x1p30
}
