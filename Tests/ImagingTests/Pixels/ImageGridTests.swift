import Testing

@testable import Imaging

/// Images side by side, with every pixel drawn by hand.
@Suite struct ImageGridTests {
  /// One image of 2x1 beside one of 1x1, and below them one of 1x2; one white pixel around each. The
  /// first row is 2 pixels high, the first column 2 wide:
  ///
  ///     . . . . . .
  ///     . a . . c .
  ///     . b . . . .
  ///     . . . . . .
  ///     . d e . . .
  ///     . . . . . .
  @Test func imagesLieInRowsAndColumns() {
    let grid = Image.grid(
      [[image(2, 1, [1, 2]), image(1, 1, [3])], [image(1, 2, [4, 5])]], spacing: 1)
    #expect(
      grid
        == image(
          6, 6,
          [
            255, 255, 255, 255, 255, 255,
            255, 1, 255, 255, 3, 255,
            255, 2, 255, 255, 255, 255,
            255, 255, 255, 255, 255, 255,
            255, 4, 5, 255, 255, 255,
            255, 255, 255, 255, 255, 255,
          ]))
  }

  /// The second row is the longer one.
  @Test func withoutSpacingImagesTouch() {
    let grid = Image.grid(
      [[image(1, 1, [1])], [image(1, 1, [2]), image(1, 2, [3, 4])]], spacing: 0)
    #expect(grid == image(2, 3, [1, 255, 255, 2, 3, 4]))
  }

  @Test func grayAndSixteenBitsStay() {
    let deep = Image(height: 1, width: 1, channels: 1, samples: .sixteenBit([300]))
    let white: UInt16 = 65535
    #expect(
      Image.grid([[deep, deep]], spacing: 1)
        == Image(
          height: 3, width: 5, channels: 1,
          samples: .sixteenBit(
            [UInt16](repeating: white, count: 6) + [300, white, 300]
              + [UInt16](repeating: white, count: 6))))
  }

  @Test func otherImagesTrap() async {
    await #expect(processExitsWith: .failure) {
      let gray = Image(height: 1, width: 1, channels: 1, pixels: [0])
      _ = Image.grid([[gray, gray.converted(toChannels: 3)]], spacing: 1)
    }
    await #expect(processExitsWith: .failure) {
      _ = Image.grid([[Image(height: 1, width: 1, channels: 2, pixels: [0, 0])]], spacing: 1)
    }
    await #expect(processExitsWith: .failure) {
      _ = Image.grid([[], []], spacing: 1)
    }
  }

  /// Each pixel's red is the level, its green and blue the next two; white is white.
  private func image(_ height: Int, _ width: Int, _ levels: [UInt8]) -> Image {
    Image(
      height: height, width: width, channels: 3,
      pixels: levels.flatMap { $0 == 255 ? [255, 255, 255] : [$0, $0 + 1, $0 + 2] })
  }
}
