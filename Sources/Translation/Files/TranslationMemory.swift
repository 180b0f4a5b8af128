import Datasets
import Machine
import Models
import Torch
import Wording

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
  /// What a plain pass takes for each pixel, in bytes.
  private let bytesPerPixel: Int
  /// Side of the tiles that are asked for; nil leaves it to the memory.
  let side: Int?
  private let device: Device
  /// On the device, in bytes; nil where nobody knows.
  var available: Int?
  /// The same of the machine's memory, in which images wait.
  private var availableForWaiting: Int?

  init(
    _ configuration: GeneratorConfiguration, _ generator: TiledGenerator, side: Int?,
    device: Device = .cpu, available: Int? = nil
  ) {
    self.configuration = configuration
    let channels = max(configuration.inputChannels, configuration.outputChannels)
    bytesOfImage = channels <= 3 ? 6 : 4 * channels
    bytesPerPixel = generator.wholeBytes(pixels: 1)
    base = max(0.5 * 0x1p30, 0.25 * 0x1p30 + 3 * Double(generator.weightBytes))
    self.side = side
    self.device = device
    self.available = available
    availableForWaiting = available
  }

  /// With the memory that is free now.
  func measured() -> TranslationMemory {
    var result = self
    // What earlier images' maps have left behind counts as used, and is not.
    result.availableForWaiting = availableMemory().map { $0 + Backend.reusableMemory }
    result.available =
      if case .cuda = device { device.gpuMemory?.available } else { result.availableForWaiting }
    return result
  }

  /// More is not taken on the CPU for one image, however much there is: beyond it, tiles are as fast.
  static let limit = 8 << 30

  /// Sides of tiles that are tried where none is asked for, in pixels.
  private static let sides = [512, 256, 128]

  /// Whether an image goes through as a whole.
  func takesWhole(height: Int, width: Int) -> Bool {
    wholeBytes(height: height, width: width) <= budget && max(height, width) <= side ?? .max
  }

  /// - Parameters:
  ///   - height: the image's, with `width`, in pixels.
  ///   - generator: that it goes through.
  func way(height: Int, width: Int, _ generator: TiledGenerator) -> Way {
    if takesWhole(height: height, width: width) { return .whole }
    var needed = 0
    for side in side.map({ [$0] }) ?? Self.sides {
      for plan in Self.plans(side: side) {
        needed = tiledBytes(height: height, width: width, plan, generator)
        var most = budget
        // The last is as small as it gets.
        if plan == Self.plans(side: side).last { most = available ?? .max }
        guard needed <= most else { continue }
        let whole = wholeBytes(height: height, width: width)
        return .tiles(plan, wholeBytes: self.side == nil ? whole : nil)
      }
    }
    return .impossible(neededBytes: needed)
  }

  /// Maps are kept in float32 where that fits, and otherwise in float16, which is eight times as fine as
  /// bfloat16; those at half the image's size as well where there is room, which saves computing them again.
  private static func plans(side: Int) -> [TiledGenerator.Plan] {
    [DType.float32, .float16].flatMap { storage in
      [2, 4].map { TiledGenerator.Plan(side: side, storage: storage, keptScale: $0) }
    }
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
    let bytes = Double(height) * Double(width) * Double(bytesOfImage)
    return bytes * Double(count) <= Double(availableForWaiting ?? Self.limit) / 4
  }

  /// On a GPU a quarter is left for what its kernels work with.
  private var budget: Int {
    guard case .cuda = device, let available else { return min(available ?? .max, Self.limit) }
    return available / 4 * 3
  }

  /// Of `count` images that go through together: the largest maps that are there at once, in float32.
  func wholeBytes(height: Int, width: Int, count: Int = 1) -> Int {
    let pixels =
      Double(configuration.paddedSize(height)) * Double(configuration.paddedSize(width))
      * Double(count)
    return clamped(pixels * Double(bytesPerPixel + 2 * bytesOfImage) + base)
  }

  /// With the generator's maps and tiles, the image and its result.
  func tiledBytes(
    height: Int, width: Int, _ plan: TiledGenerator.Plan, _ generator: TiledGenerator
  ) -> Int {
    let bytes = generator.bytes(
      height: configuration.paddedSize(height), width: configuration.paddedSize(width), plan,
      imageBytesPerPixel: bytesOfImage)
    return clamped(Double(bytes) + base)
  }

  private func clamped(_ bytes: Double) -> Int { Int(min(bytes, 1e18)) }

  /// Of a pixel: samples of 16 bits in up to three channels, floats where there are more.
  private let bytesOfImage: Int
  /// The program and libtorch, with the weights, which are in memory twice in the order that the convolutions
  /// read them in.
  private let base: Double
}

// What the user is told about memory.
extension TranslationMemory {
  /// Why and how an image is translated in tiles.
  /// - Parameter wholeBytes: what it would take at once; `nil` where tiles were asked for.
  func words(
    for plan: TiledGenerator.Plan, wholeBytes: Int?, _ size: ImageSize, _ generator: TiledGenerator
  ) -> String {
    let tiles = "working in tiles of \(plan.side)x\(plan.side) pixels"
    let bytes = tiledBytes(height: size.height, width: size.width, plan, generator)
    guard let wholeBytes else { return "\(tiles), in about \(memorySize(bytes))" }
    return
      "\(size.width)x\(size.height) pixels would take about \(memorySize(wholeBytes)) in one piece; "
      + "\(tiles), in about \(memorySize(bytes))"
  }

  /// Why an image cannot be translated.
  func refusal(_ size: ImageSize, needed: Int) -> String {
    let tiles = side.map { "tiles of \($0)x\($0)" } ?? "tiles"
    let remedy = side == nil ? "" : "smaller tiles, or "
    let place = if case .cuda = device { " on the GPU" } else { "" }
    return "\(size.width)x\(size.height) pixels take about \(memorySize(needed)) even in \(tiles), "
      + "and \(memorySize(available ?? 0)) are free\(place); use \(remedy)a smaller size"
      + (place.isEmpty ? "" : ", or --device cpu")
  }
}
