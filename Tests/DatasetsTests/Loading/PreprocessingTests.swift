import Imaging
import TestSupport
import Testing

@testable import Datasets

/// The reference's sizes (REFERENCE.md, section 1.10), and what chance decides.
struct PreprocessingTests {
  struct Size: Sendable {
    let mode: Preprocessing.Mode
    /// Height and width before, after resizing, and at the network; load size 286, crop size 256.
    let file: [Int]
    let resized: [Int]
    let output: [Int]
  }

  private static let expectedSizes = [
    Size(mode: .resizeAndCrop, file: [100, 900], resized: [286, 286], output: [256, 256]),
    Size(mode: .crop, file: [300, 400], resized: [300, 400], output: [256, 256]),
    // 286 * 900 / 600 = 429
    Size(mode: .scaleWidthAndCrop, file: [900, 600], resized: [429, 286], output: [256, 256]),
    // 286 * 400 / 600 = 190.67, but at least the crop size
    Size(mode: .scaleWidthAndCrop, file: [400, 600], resized: [256, 286], output: [256, 256]),
    // 286 * 701 / 600 = 334.1, cut off; 286 * 599 / 600 = 285.5 as well
    Size(mode: .scaleWidthAndCrop, file: [701, 600], resized: [334, 286], output: [256, 256]),
    Size(mode: .scaleWidthAndCrop, file: [599, 600], resized: [285, 286], output: [256, 256]),
    // left alone where it fits already
    Size(mode: .scaleWidthAndCrop, file: [300, 286], resized: [300, 286], output: [256, 256]),
    Size(mode: .scaleWidthAndCrop, file: [100, 286], resized: [256, 286], output: [256, 256]),
    // 429 to 428 and 286 to 288, since 71.5 is halfway and 72 even
    Size(mode: .scaleWidth, file: [900, 600], resized: [428, 288], output: [428, 288]),
    // Python's rounding: halves go to the even multiple
    Size(mode: .none, file: [250, 254], resized: [248, 256], output: [248, 256]),
    Size(mode: .none, file: [258, 262], resized: [256, 264], output: [256, 264]),
    Size(mode: .none, file: [256, 1], resized: [256, 4], output: [256, 4]),
  ]

  @Test(arguments: expectedSizes) func sizes(_ expected: Size) {
    let preprocessing = make(expected.mode, load: 286, crop: 256)
    let (height, width) = (expected.file[0], expected.file[1])
    let resized = preprocessing.resizedSize(height: height, width: width)
    #expect([resized.height, resized.width] == expected.resized)
    let output = preprocessing.outputSize(height: height, width: width)
    #expect([output.height, output.width] == expected.output)
  }

  @Test(arguments: Preprocessing.Mode.allCases) func imagesComeOutAtTheSizeAnnounced(
    _ mode: Preprocessing.Mode
  ) {
    let preprocessing = make(mode, load: 20, crop: 16, flip: true)
    for (height, width) in [(16, 30), (33, 18), (16, 16)] {
      var generator = SplitMix64(seed: 1)
      let original = makeImage(1, height: height, width: width)
      let image = preprocessing.apply(to: original, drawing: &generator)
      let expected = preprocessing.outputSize(height: height, width: width)
      #expect([image.height, image.width] == [expected.height, expected.width])
    }
  }

  @Test func modesHaveTheOptionsNames() {
    let names = Preprocessing.Mode.allCases.map(\.rawValue)
    #expect(
      names == ["resize-and-crop", "crop", "scale-width", "scale-width-and-crop", "none"])
  }

  /// Pixel (y, x) is 16 y + x, so that the first pixel tells where a crop was taken. Each of 13 places
  /// has a chance of 12/13 to be missed once, 1e-17 to be missed 500 times.
  @Test func cropsAreTakenEverywhere() {
    let image = Image(height: 16, width: 16, channels: 1, pixels: (0...255).map(UInt8.init))
    let preprocessing = make(.crop, load: 16, crop: 4, channels: 1)
    var generator = SplitMix64(seed: 3)
    var (tops, lefts) = (Set<Int>(), Set<Int>())
    for _ in 0..<500 {
      let crop = preprocessing.apply(to: image, drawing: &generator)
      guard case .eightBit(let pixels) = crop.samples else { continue }
      let (top, left) = (Int(pixels[0]) / 16, Int(pixels[0]) % 16)
      tops.insert(top)
      lefts.insert(left)
      #expect(crop == image.cropped(top: top, left: left, height: 4, width: 4))
    }
    #expect(tops == Set(0...12))
    #expect(lefts == Set(0...12))
  }

  /// Half of 400, give or take four standard deviations of 10.
  @Test func halfOfTheImagesAreMirrored() {
    let image = makeImage(1)
    var generator = SplitMix64(seed: 4)
    let flipping = make(.none, load: 16, crop: 16, flip: true)
    var mirrored = 0
    for _ in 0..<400 {
      let drawn = flipping.apply(to: image, drawing: &generator)
      if drawn == image.flippedLeftToRight() { mirrored += 1 } else { #expect(drawn == image) }
    }
    #expect(abs(mirrored - 200) < 40)
    let still = make(.none, load: 16, crop: 16)
    for _ in 0..<20 { #expect(still.apply(to: image, drawing: &generator) == image) }
  }

  @Test func everyModeDrawsAsMuch() {
    let following = Preprocessing.Mode.allCases.map { mode in
      var generator = SplitMix64(seed: 5)
      _ = make(mode, load: 16, crop: 16).apply(to: makeImage(1), drawing: &generator)
      return generator.next()
    }
    #expect(Set(following).count == 1)
  }

  /// 16 bits stay what they are, as floats.
  @Test func channelsAreTheNetworksAndDepthStays() {
    let deep = Image(
      height: 4, width: 4, channels: 4,
      samples: .sixteenBit([UInt16](repeating: 65535, count: 64)))
    for channels in [1, 3] {
      var generator = SplitMix64(seed: 1)
      let image = make(.none, load: 4, crop: 4, channels: channels)
        .apply(to: deep, drawing: &generator)
      #expect(image.channels == channels)
      #expect(image.samples == .float([Float](repeating: 65535, count: 16 * channels)))
      #expect(image.range == ValueRange(0, 65535))
    }
  }

  /// Transparent black over a quarter of red: three quarters of the background, and 255 / 4 of red.
  @Test func transparencyIsLaidOnTheBackground() {
    var preprocessing = make(.crop, load: 4, crop: 4)
    preprocessing.background = Color(red: 0, green: 0, blue: 200)
    let glass = Image(
      height: 4, width: 4, channels: 4,
      pixels: Array(repeating: [255, 0, 0, 64], count: 16).flatMap { $0 })
    // 255 * 64 / 255 = 64 and 200 * 191 / 255 = 149.8.
    let expected = Image(
      height: 4, width: 4, channels: 3,
      pixels: Array(repeating: [64, 0, 150], count: 16).flatMap { $0 })
    #expect(preprocessing.prepared(glass) == expected)
  }

  /// 286 / 1 * 65500 rows would be 18.7 million, of 286 pixels: more than 250 million in all. A side of
  /// 286,001 pixels would shrink more than a thousand times; to grow so, 286 pixels are too few.
  @Test func absurdSizesAreRefused() {
    let width = make(.scaleWidth, load: 286, crop: 256)
    #expect(width.obstacle(height: 65500, width: 1) == "1x65500 would be resized to 288x18733000")
    #expect(
      make(.scaleWidthAndCrop, load: 286, crop: 256).obstacle(height: 65500, width: 1)
        == "1x65500 would be resized to 286x18733000")
    #expect(width.obstacle(height: 3000, width: 2000) == nil)
    let square = make(.resizeAndCrop, load: 286, crop: 256)
    #expect(square.obstacle(height: 286_000, width: 1) == nil)
    #expect(square.obstacle(height: 286_001, width: 1) == "1x286001 would be resized to 286x286")
    #expect(square.obstacle(height: 1, width: 250_000_000) != nil)
    let large = make(.resizeAndCrop, load: 2000, crop: 256)
    #expect(large.obstacle(height: 1, width: 2000) == "2000x1 would be resized to 2000x2000")
  }

  /// The shorter side is the crop size; the longer one 8 * 30 / 15 = 16, and 3 * 8 at the most.
  @Test func samplesForLookingAtHaveTheShapeOfTheirFiles() {
    let preprocessing = make(.crop, load: 20, crop: 8, flip: true)
    let square = makeImage(1, height: 8, width: 8)
    #expect(preprocessing.forSampling(square, fileHeight: 50, fileWidth: 50) == square)
    for (height, width, expected) in [(15, 30, [8, 16]), (30, 15, [16, 8]), (9, 90, [8, 24])] {
      let sample = preprocessing.forSampling(square, fileHeight: height, fileWidth: width)
      #expect([sample.height, sample.width] == expected)
    }
  }

  private func make(
    _ mode: Preprocessing.Mode, load: Int, crop: Int, flip: Bool = false, channels: Int = 3
  ) -> Preprocessing {
    Preprocessing(
      mode: mode, loadSize: load, cropSize: crop, flip: flip, channels: channels, sizeMultiple: 4)
  }
}

extension Preprocessing {
  /// All of it, as an image goes through it in training.
  fileprivate func apply(to image: Image, drawing generator: inout SplitMix64) -> Image {
    augmented(prepared(image), drawing: &generator)
  }
}
