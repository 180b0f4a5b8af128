import Testing

@testable import Imaging

@Suite struct ResizeTests {
  /// Expected: Pillow 13's resize of the same pixels, level for level. 9x27, 9x30 and 50x8 lose, or
  /// gain, so differently that the order of the passes shows.
  @Test(
    arguments: ["11x17", "37x45", "24x13", "9x27", "10x40", "9x30", "1x1", "50x8"],
    ResizeFilter.allCases)
  func eightBitsEqualPillow(size: String, filter: ResizeFilter) throws {
    let expected = try Fixture.pixels("resize-rgb-\(size)-\(filter)")
    let resized = try Fixture.pixels("resize-rgb").resized(
      height: expected.height, width: expected.width, filter: filter)
    #expect(try largestDifference(resized, expected) == 0)
  }

  /// Pillow's 16-bit passes are in double precision, too, but add in another order: a sum next to
  /// half a level may round to the other side.
  @Test(arguments: ["11x17", "37x45", "9x27"], [ResizeFilter.bicubic, .bilinear])
  func sixteenBitsEqualPillow(size: String, filter: ResizeFilter) throws {
    let expected = try Fixture.pixels("resize-gray16-\(size)-\(filter)")
    let resized = try Fixture.pixels("resize-gray16").resized(
      height: expected.height, width: expected.width, filter: filter)
    #expect(try largestDifference(resized, expected) <= 1)
  }

  @Test(arguments: ["11x17", "37x45"])
  func colorsAreWeightedByAlpha(size: String) throws {
    let expected = try Fixture.pixels("resize-rgba-\(size)-bicubic")
    let resized = try Fixture.pixels("resize-rgba").resized(
      height: expected.height, width: expected.width)
    #expect(try largestDifference(resized, expected) == 0)
  }

  /// Both pixels lie half a target pixel from the middle, so each weighs one half: 0 and 101 give
  /// 50.5, rounded up.
  @Test(arguments: [ResizeFilter.bicubic, .bilinear])
  func twoPixelsBecomeTheirMean(filter: ResizeFilter) {
    let pair = Image(height: 1, width: 2, channels: 1, pixels: [0, 101])
    let one = pair.resized(height: 1, width: 1, filter: filter)
    #expect(one == Image(height: 1, width: 1, channels: 1, pixels: [51]))
    let column = Image(height: 2, width: 1, channels: 1, pixels: [0, 101])
    #expect(column.resized(height: 1, width: 1, filter: filter) == one)
  }

  /// Target pixels 0 to 3 have their middles at -0.25, 0.25, 0.75 and 1.25 of the source's indices.
  /// Bilinear: outside the image the nearest counts alone; inside 3/4 and 1/4: 0, 25, 75, 100.
  @Test func bilinearEnlargementByHand() {
    let pair = Image(height: 1, width: 2, channels: 1, pixels: [0, 100])
    let four = pair.resized(height: 1, width: 4, filter: .bilinear)
    #expect(four == Image(height: 1, width: 4, channels: 1, pixels: [0, 25, 75, 100]))
  }

  /// The same middles with Keys' kernel, a = -0.5: w(0.25) = 0.8671875, w(0.75) = 0.2265625,
  /// w(1.25) = -0.0703125. At -0.25 the two pixels weigh w(0.25) and w(1.25), which over their sum
  /// 0.796875 are 1.0882 and -0.0882: 200 * -0.0882 < 0, clamped to 0, and 200 * 1.0882 = 217.6.
  /// At 0.25: w(0.25), w(0.75) over 1.09375 are 0.79286 and 0.20714: 41.4, and 200 - 41.4 = 158.6.
  @Test func bicubicEnlargementByHand() {
    let pair = Image(height: 1, width: 2, channels: 1, pixels: [0, 200])
    let four = pair.resized(height: 1, width: 4)
    #expect(four == Image(height: 1, width: 4, channels: 1, pixels: [0, 41, 159, 218]))
  }

  @Test func nearestTakesThePixelUnderTheMiddle() {
    let row = Image(height: 1, width: 4, channels: 1, samples: .sixteenBit([1, 2, 3, 4]))
    // Middles at 0.67, 2 and 3.33.
    let three = row.resized(height: 1, width: 3, filter: .nearest)
    #expect(three == Image(height: 1, width: 3, channels: 1, samples: .sixteenBit([1, 3, 4])))
  }

  @Test func sameSizeIsTheSameImage() {
    let image = Image(height: 1, width: 3, channels: 1, pixels: [7, 200, 3])
    #expect(image.resized(height: 1, width: 3) == image)
  }
}
