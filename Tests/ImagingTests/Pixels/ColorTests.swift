import Testing

@testable import Imaging

@Suite struct ColorTests {
  @Test func lumaEqualsPillow() throws {
    let gray = try Fixture.pixels("resize-rgb").converted(toChannels: 1)
    #expect(try gray == Fixture.pixels("convert-rgb-gray"))
  }

  /// Red, green, blue and white: 19595 * 255 / 65536 = 76.2, 149.7, 29.1 and 255.
  @Test func lumaByHand() {
    let pixels: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]
    let gray = Image(height: 1, width: 4, channels: 3, pixels: pixels).converted(toChannels: 1)
    #expect(gray == Image(height: 1, width: 4, channels: 1, pixels: [76, 150, 29, 255]))
  }

  @Test func compositingEqualsPillow() throws {
    let orange = Color(red: 250, green: 128, blue: 3)
    let opaque = try Fixture.pixels("resize-rgba").converted(toChannels: 3, background: orange)
    #expect(try opaque == Fixture.pixels("convert-rgba-over-orange"))
  }

  /// Alpha 51 is a fifth: (100 + 4 * 255) / 5 = 224; on 16 bits the same times 257.
  @Test func grayWithAlphaIsCompositedOverWhite() {
    let gray = Image(height: 1, width: 2, channels: 2, pixels: [100, 51, 100, 0])
    let expected = Image(height: 1, width: 2, channels: 1, pixels: [224, 255])
    #expect(gray.converted(toChannels: 1) == expected)
    let deep = gray.withBitDepth(16).converted(toChannels: 3)
    #expect(deep == expected.converted(toChannels: 3).withBitDepth(16))
  }

  /// 128 and 129 lie on the two sides of half of 257.
  @Test func sixteenBitsAreRoundedToEight() {
    let deep = Image(
      height: 1, width: 5, channels: 1, samples: .sixteenBit([0, 128, 129, 65406, 65535]))
    #expect(
      deep.withBitDepth(8) == Image(height: 1, width: 5, channels: 1, pixels: [0, 0, 1, 254, 255]))
  }

  @Test func eightBitsSurviveSixteen() {
    let all = Image(height: 16, width: 16, channels: 1, pixels: Array(0...255))
    #expect(all.withBitDepth(16).withBitDepth(8) == all)
    #expect(all.withBitDepth(16).bitDepth == 16)
  }

  @Test func alphaComesOffAndGoesOnAgain() throws {
    let image = Image(height: 1, width: 2, channels: 4, pixels: [1, 2, 3, 90, 4, 5, 6, 80])
    let alpha = try #require(image.alpha)
    #expect(alpha == Image(height: 1, width: 2, channels: 1, pixels: [90, 80]))
    let colors = image.removingAlpha()
    #expect(colors == Image(height: 1, width: 2, channels: 3, pixels: [1, 2, 3, 4, 5, 6]))
    #expect(colors.alpha == nil)
    #expect(colors.addingAlpha(alpha) == image)
    #expect(colors.addingAlpha(alpha.withBitDepth(16)) == image)
  }

  /// Only where alpha is 0, and in the image's depth and channels: 16 bits have 257 times the levels. The
  /// luma of (10, 20, 30) is (19595 * 10 + 38470 * 20 + 7471 * 30 + 32768) / 65536 = 18.7, rounded down.
  @Test func invisibleColorsAreReplaced() {
    let color = Color(red: 10, green: 20, blue: 30)
    let image = Image(height: 1, width: 2, channels: 4, pixels: [1, 2, 3, 0, 4, 5, 6, 1])
    let expected = Image(height: 1, width: 2, channels: 4, pixels: [10, 20, 30, 0, 4, 5, 6, 1])
    #expect(image.replacingInvisibleColors(by: color) == expected)
    #expect(
      image.withBitDepth(16).replacingInvisibleColors(by: color) == expected.withBitDepth(16))
    let gray = Image(height: 1, width: 2, channels: 2, pixels: [7, 0, 8, 255])
    #expect(
      gray.replacingInvisibleColors(by: color)
        == Image(height: 1, width: 2, channels: 2, pixels: [18, 0, 8, 255]))
    #expect(
      image.removingAlpha().replacingInvisibleColors(by: color) == image.removingAlpha())
  }
}
