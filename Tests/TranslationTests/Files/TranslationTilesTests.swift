import Foundation
import Imaging
import Models
import TestSupport
import Testing
import Torch

@testable import Translation

/// Large images: when they are cut into tiles, and what comes out.
struct TranslationTilesTests {
  private let tiled = TiledGenerator(
    GeneratorConfiguration().makeGenerator(), inputChannels: 3)

  /// 90x150 pixels, padded to 92x152, with tiles of 64.
  @Test(arguments: [3, 4], [8, 16])
  func tilesGiveTheWholeImage(channels: Int, bitDepth: Int) throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      let image = makeImage(3, height: 90, width: 150, channels: channels)
        .withBitDepth(bitDepth)
      try scene.write(image, "one.png")
      #expect(try scene.translate() == [])
      let whole = try scene.result("one.png")
      try FileManager.default.removeItem(at: scene.outputs)
      scene.settings.tile = 64
      #expect(try scene.translate() == [])
      let tiled = try scene.result("one.png")
      #expect(tiled.channels == channels && tiled.bitDepth == bitDepth)
      #expect(tiled.alpha == image.alpha)
      // Rounding to float16 on the way moves hardly a level.
      #expect(meanDifference(whole, tiled) < (bitDepth == 8 ? 0.1 : 25.7))
    }
  }

  @Test func whatIsSmallerThanATileStaysWhole() throws {
    #expect(memory(side: 64).way(height: 64, width: 60, tiled) == .whole)
    #expect(memory(side: 64).way(height: 64, width: 65, tiled) != .whole)
  }

  @Test func memoryDecidesWhereNoTileIsAskedFor() {
    #expect(memory(available: 64 << 30).way(height: 1000, width: 1000, tiled) == .whole)
    guard
      case .tiles(let plan, let bytes?) = memory(available: 64 << 30).way(
        height: 10_000, width: 10_000, tiled)
    else {
      Issue.record("a hundred megapixels at once")
      return
    }
    #expect(bytes > 64 << 30)
    // 2 maps of 256 channels at a quarter of the size, 2 bytes each, take 6.4 GB.
    #expect(plan.side == 512 && plan.storage == .float16)
    let needed = memory().tiledBytes(height: 10_000, width: 10_000, plan, tiled)
    #expect((6_400_000_000..<8 << 30).contains(needed))
  }

  @Test func tilesShrinkWithTheMemoryAndThenItIsRefused() {
    var sides: Set<Int> = []
    for available in stride(from: 9.0, to: 0, by: -0.05) {
      switch memory(available: Int(available * 0x1p30)).way(height: 10_000, width: 10_000, tiled) {
      case .tiles(let plan, _): sides.insert(plan.side)
      case .impossible(let needed):
        #expect(needed > Int(available * 0x1p30))
        sides.insert(0)
      case .whole: Issue.record("whole")
      }
    }
    #expect(sides == [512, 256, 128, 0])
  }

  @Test func tilesAreAnnounced() throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      scene.settings.tile = 64
      try scene.write(makeImage(3, height: 80, width: 100), "one.png")
      let jobs = try TranslationPlan([scene.inputs], output: scene.outputs, format: .same).jobs
      let model = try TranslationModel(at: scene.weights, direction: .aToB)
      var notices: [String] = []
      Translator(model, settings: scene.settings).translate(jobs) { event in
        if case .notice(_, let text) = event { notices.append(text) }
      }
      #expect(notices.count == 1)
      #expect(notices.first?.hasPrefix("working in tiles of 64x64 pixels, in about ") == true)
    }
  }

  private func memory(side: Int? = nil, available: Int? = nil) -> TranslationMemory {
    TranslationMemory(GeneratorConfiguration(), tiled, side: side, available: available)
  }

  private func meanDifference(_ a: Image, _ b: Image) -> Double {
    func levels(_ image: Image) -> [Int] {
      switch image.samples {
      case .eightBit(let samples): samples.map(Int.init)
      case .sixteenBit(let samples): samples.map(Int.init)
      case .float: []
      }
    }
    let differences = zip(levels(a), levels(b)).map { abs($0 - $1) }
    return Double(differences.reduce(0, +)) / Double(differences.count)
  }
}
