import Models
import Testing
import Torch
import Wording

@testable import Translation

/// What the memory decides.
struct TranslationMemoryTests {
  private let gibibyte = 1 << 30
  private let tiled = TiledGenerator(
    GeneratorConfiguration().makeGenerator(), inputChannels: 3)

  /// 3000x3000 pixels need 3 maps of 64 channels, 6.9 GB, at once; with 2 GiB free that is no way, however
  /// large a tile is asked for.
  @Test func aTileThatHoldsTheImageDoesNotMakeItFit() {
    #expect(memory(side: 3000, available: 64).way(height: 3000, width: 3000, tiled) == .whole)
    guard
      case .impossible(let needed) = memory(side: 3000, available: 2).way(
        height: 3000, width: 3000, tiled)
    else {
      Issue.record("it does not fit")
      return
    }
    #expect(needed > 2 * gibibyte)
  }

  @Test func tilesThatDoNotFitAreRefused() {
    guard case .tiles = memory(side: 256, available: 2).way(height: 3000, width: 3000, tiled) else {
      Issue.record("tiles of 256 fit")
      return
    }
    let refusal = memory(side: 2900, available: 2)
    guard case .impossible(let needed) = refusal.way(height: 3000, width: 3000, tiled) else {
      Issue.record("tiles of 2900 do not fit")
      return
    }
    let words = refusal.refusal(.init(height: 3000, width: 3000), needed: needed)
    #expect(words.contains("even in tiles of 2900x2900, and 2.0 GiB are free"))
    #expect(words.hasSuffix("use smaller tiles, or a smaller size"))
  }

  /// An image of 1000x1000 pixels takes 780 MB and half a GiB stands for the program: 2 GiB hold two, as
  /// 0.5 * 2^30 + 2 * 780,000,000 bytes are 1.95 GiB.
  @Test func batchesAreCutToTheMemory() {
    #expect(
      memory(available: 2).groups(of: 5, height: 1000, width: 1000) == [0..<2, 2..<4, 4..<5])
    #expect(memory(available: 64).groups(of: 5, height: 1000, width: 1000) == [0..<5])
    #expect(memory(available: 0).groups(of: 2, height: 1000, width: 1000) == [0..<1, 1..<2])
  }

  /// Eight halvings: a strip of 20x500000 pixels becomes 256x500224, as 500,224 is 1954 * 256.
  @Test func paddingIsCounted() {
    var configuration = GeneratorConfiguration()
    configuration.architecture = .uNet(downsamplings: 8)
    configuration.baseChannels = 2
    let tiled = TiledGenerator(configuration.makeGenerator(), inputChannels: 3)
    let memory = TranslationMemory(configuration, tiled, side: nil)
    #expect(configuration.paddedSize(20) == 256 && configuration.paddedSize(500_000) == 500_224)
    #expect(
      memory.wholeBytes(height: 20, width: 500_000)
        == memory.wholeBytes(height: 256, width: 500_224))
    let plan = TiledGenerator.Plan(side: 256, storage: .float16)
    #expect(
      memory.tiledBytes(height: 20, width: 500_000, plan, tiled)
        == memory.tiledBytes(height: 256, width: 500_224, plan, tiled))
  }

  /// 400x100,000 pixels: two maps of 256 channels at a quarter of the size, in float16, are 2.56 GB: they are
  /// there to the end, as the last block's sum is computed where it is read. Beside them are the result, 240 MB,
  /// and the tile that is worked on, no larger than three maps of 64 channels twice.
  @Test func keptMapsAndTilesAreCounted() {
    let plan = TiledGenerator.Plan(side: 512, storage: .float16, keptScale: 4)
    let wide = memory().tiledBytes(height: 400, width: 100_000, plan, tiled)
    let map = 400 * 100_000 * 2 * 256 / 16
    let least = 2 * map + 400 * 100_000 * 6 + gibibyte / 2
    let tile = 2 * 3 * (400 + 32) * (512 + 32) * 64 * 4
    #expect((least..<least + tile).contains(wide))
    #expect(wide == memory().tiledBytes(height: 100_000, width: 400, plan, tiled))
    // Maps at half the size are twice as large, and let go as they are read: beside the image, as much.
    let more = TiledGenerator.Plan(side: 512, storage: .float16, keptScale: 2)
    let kept = memory().tiledBytes(height: 400, width: 100_000, more, tiled)
    #expect((wide..<wide + 400 * 100_000 * 6 + map / 50).contains(kept))
  }

  /// Up to 6 bytes for a pixel: 80 images of a megapixel take 480 MB, a quarter of 1.92 GB.
  @Test func largeImagesDoNotWait() {
    let free = TranslationMemory(
      GeneratorConfiguration(), tiled, side: nil, available: 1_920_000_000)
    #expect(free.canWait(height: 1000, width: 1000, count: 80))
    #expect(!free.canWait(height: 1000, width: 1000, count: 81))
  }

  /// 12 megapixels take 12,000,000 * 780 bytes and half a GiB, 9.2 GiB: more than the CPU takes at once, and on a GPU
  /// no more than three quarters of what is free there.
  @Test func theGPUsMemoryDecidesOnAGPU() {
    func isWhole(_ gibibytes: Int, _ device: Device) -> Bool {
      TranslationMemory(
        GeneratorConfiguration(), tiled, side: nil, device: device,
        available: gibibytes * gibibyte
      ).takesWhole(height: 3000, width: 4000)
    }
    #expect(!isWhole(64, .cpu))
    #expect(isWhole(16, .cuda(index: 0)) && !isWhole(12, .cuda(index: 0)))
  }

  @Test func aRefusalNamesTheGPU() {
    let memory = TranslationMemory(
      GeneratorConfiguration(), tiled, side: nil, device: .cuda(index: 0), available: gibibyte)
    #expect(
      memory.refusal(.init(height: 30_000, width: 40_000), needed: 9 * gibibyte)
        == "40000x30000 pixels take about 9.0 GiB even in tiles, and 1.0 GiB are free on the GPU; use a smaller size, "
        + "or --device cpu")
  }

  private func memory(side: Int? = nil, available gibibytes: Int? = nil) -> TranslationMemory {
    TranslationMemory(
      GeneratorConfiguration(), tiled, side: side, available: gibibytes.map { $0 * gibibyte })
  }
}
