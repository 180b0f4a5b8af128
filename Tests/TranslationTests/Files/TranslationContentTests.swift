import Foundation
import Imaging
import TestSupport
import Testing
import Torch
import Training

@testable import Translation

/// Orientation, alpha, depth and channels on their way through the network.
struct TranslationContentTests {
  /// The fixture is stored lying on its side, 9 rows of 14; upright it has 14 rows of 9 pixels.
  @Test func turnedPhotographsComeOutUpright() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let turned = fixture("Imaging/orientation-6-big.jpg")
      try FileManager.default.copyItem(
        at: turned, to: scene.inputs.appendingPathComponent("turned.jpg"))
      #expect(try scene.translate(format: .only(.png)) == [])
      let upright = try ImageFile.read(from: turned).image
      #expect(upright.height == 14 && upright.width == 9)
      let expected = scene.paddedOutput(for: upright, height: 16, width: 12).images()[0]
      #expect(try scene.result("turned.png") == expected)
    }
  }

  /// Whoever heeds the orientation would turn the image once more.
  @Test func theOrientationIsNotWrittenAgain() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      try FileManager.default.copyItem(
        at: fixture("Imaging/orientation-6-big.jpg"),
        to: scene.inputs.appendingPathComponent("turned.jpg"))
      try scene.translate()
      let file = try ImageFile.read(from: scene.outputs.appendingPathComponent("turned.jpg"))
      #expect(file.image.height == 14 && file.image.width == 9)
      // Motorola order, one entry: tag 0x0112, a SHORT, whose value is now 1.
      let entry: [UInt8] = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 1]
      #expect(file.exif.map { Data($0).range(of: Data(entry)) != nil } == true)
    }
  }

  /// The colors are translated as if there were no alpha, which stays as it is. Gray becomes RGB.
  @Test(arguments: [2, 4], [8, 16]) func alphaStays(channels: Int, bitDepth: Int) throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let image = deepImage(channels: channels, bitDepth: bitDepth)
      try scene.write(image, "one.png")
      #expect(try scene.translate() == [])
      let result = try scene.result("one.png")
      #expect(result.alpha == image.alpha)
      let colors = image.removingAlpha().converted(toChannels: 3)
      let expected = scene.plainOutput(for: colors).images(bitDepth: bitDepth)[0]
      #expect(result.removingAlpha() == expected)
    }
  }

  @Test func sixteenBitsStay() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let image = deepImage(channels: 3, bitDepth: 16)
      try scene.write(image, "deep.png")
      try scene.write(makeImage(1, height: 8, width: 12), "plain.png")
      #expect(try scene.translate() == [])
      let result = try scene.result("deep.png")
      #expect(result == scene.plainOutput(for: image).images(bitDepth: 16)[0])
      #expect(try scene.result("plain.png").bitDepth == 8)
      // Not 8 bits blown up, whose samples would be multiples of 257.
      guard case .sixteenBit(let samples) = result.samples else {
        Issue.record("not 16 bits")
        return
      }
      #expect(samples.contains { $0 % 257 != 0 })
    }
  }

  /// Images of both depths and one size are not put into one batch.
  @Test func depthsDoNotMixInABatch() throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      scene.settings.batchSize = 4
      try scene.write(deepImage(channels: 3, bitDepth: 16), "a.png")
      try scene.write(deepImage(channels: 3, bitDepth: 8), "b.png")
      try scene.write(deepImage(channels: 4, bitDepth: 8), "c.png")
      #expect(try scene.translate() == [])
      let results = try ["a.png", "b.png", "c.png"].map(scene.result)
      #expect(results.map(\.bitDepth) == [16, 8, 8])
      #expect(results.map(\.channels) == [3, 3, 4])
    }
  }

  @Test(arguments: [(1, 1), (1, 3), (3, 1)])
  func grayNetworks(inputChannels: Int, outputChannels: Int) throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root) {
        $0.inputChannels = inputChannels
        $0.outputChannels = outputChannels
      }
      let color = makeImage(4, height: 8, width: 12)
      let gray = makeImage(5, height: 8, width: 12, channels: 1)
      try scene.write(color, "color.png")
      try scene.write(gray, "gray.png")
      #expect(try scene.translate() == [])
      for (name, image) in [("color.png", color), ("gray.png", gray)] {
        let result = try scene.result(name)
        #expect(result.channels == outputChannels)
        let input = image.converted(toChannels: inputChannels)
        #expect(result == scene.plainOutput(for: input).images()[0])
      }
    }
  }

  /// 8x12 pixels with all channels, alpha included, different from one pixel to the next.
  private func deepImage(channels: Int, bitDepth: Int) -> Image {
    let image = makeImage(9, height: 8, width: 12, channels: channels)
    guard bitDepth == 16, case .eightBit(let samples) = image.samples else { return image }
    return Image(
      height: 8, width: 12, channels: channels,
      samples: .sixteenBit(samples.map { UInt16($0) &* 251 &+ 17 }))
  }

  /// What a file stores where nothing is to be seen reaches no other pixel: the network sees the background.
  @Test func invisibleColorsDoNotReachTheNetwork() throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      scene.settings.writing.background = Color(red: 9, green: 90, blue: 200)
      let colors = makeImage(9, height: 8, width: 12)
      let alpha = Image(height: 8, width: 12, channels: 1, pixels: (0..<96).map { $0 % 3 * 100 })
      let image = colors.addingAlpha(alpha)
      try scene.write(image, "one.png")
      #expect(try scene.translate() == [])
      let result = try scene.result("one.png")
      #expect(result.alpha == alpha)
      guard case .eightBit(var seen) = colors.samples else { return }
      for pixel in stride(from: 0, to: 96, by: 3) {
        seen.replaceSubrange(pixel * 3..<pixel * 3 + 3, with: [9, 90, 200])
      }
      let input = Image(height: 8, width: 12, channels: 3, pixels: seen)
      #expect(result.removingAlpha() == scene.plainOutput(for: input).images()[0])
    }
  }

  /// bfloat16 has 256 levels between 0.5 and 1 and as few between 0.25 and 0.5; a quarter of the 18,432
  /// samples and more differ in float32.
  @Test(arguments: [nil, 64]) func sixteenBitsAreNotRoundedToBFloat16(tile: Int?) throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      scene.settings.tile = tile
      try scene.write(
        makeImage(3, height: 64, width: 96).withBitDepth(16), "deep.png")
      #expect(try scene.translate() == [])
      let exact = try scene.result("deep.png")
      try FileManager.default.removeItem(at: scene.outputs)
      scene.settings.precision = .bf16
      #expect(try scene.translate() == [])
      let result = try scene.result("deep.png")
      guard case .sixteenBit(let samples) = result.samples else { return }
      #expect(Set(samples).count > 4096)
      #expect(result == exact)
    }
  }
}
