import Testing

@testable import Imaging

@Suite struct GeometryTests {
  /// 1 2 3
  /// 4 5 6
  private let stored = Image(height: 2, width: 3, channels: 1, pixels: [1, 2, 3, 4, 5, 6])

  /// Drawn by hand from the definitions in EXIF: where row 0 and column 0 of the stored image are
  /// seen.
  @Test(arguments: [
    (Orientation.upright, 2, [1, 2, 3, 4, 5, 6] as [UInt8]),
    (.mirrored, 2, [3, 2, 1, 6, 5, 4]),  // row 0 top, column 0 right
    (.upsideDown, 2, [6, 5, 4, 3, 2, 1]),  // bottom, right
    (.mirroredUpsideDown, 2, [4, 5, 6, 1, 2, 3]),  // bottom, left
    (.transposed, 3, [1, 4, 2, 5, 3, 6]),  // left, top
    (.turnedClockwise, 3, [4, 1, 5, 2, 6, 3]),  // right, top
    (.transversed, 3, [6, 3, 5, 2, 4, 1]),  // right, bottom
    (.turnedCounterClockwise, 3, [3, 6, 2, 5, 1, 4]),  // left, bottom
  ])
  func orientation(orientation: Orientation, height: Int, pixels: [UInt8]) {
    let upright = stored.oriented(by: orientation)
    #expect(upright == Image(height: height, width: 6 / height, channels: 1, pixels: pixels))
  }

  @Test func pixelsMoveWithAllTheirChannels() {
    let pair = Image(
      height: 1, width: 2, channels: 3, samples: .sixteenBit([1, 2, 3, 400, 500, 600]))
    let mirrored = Image(
      height: 1, width: 2, channels: 3, samples: .sixteenBit([400, 500, 600, 1, 2, 3]))
    #expect(pair.flippedLeftToRight() == mirrored)
  }

  @Test func cropTakesTheNamedRowsAndColumns() {
    let corner = stored.cropped(top: 1, left: 1, height: 1, width: 2)
    #expect(corner == Image(height: 1, width: 2, channels: 1, pixels: [5, 6]))
    #expect(stored.cropped(top: 0, left: 0, height: 2, width: 3) == stored)
  }

  @Test func cropOutsideTraps() async {
    await #expect(processExitsWith: .failure) {
      let image = Image(height: 2, width: 3, channels: 1, pixels: [1, 2, 3, 4, 5, 6])
      _ = image.cropped(top: 1, left: 0, height: 2, width: 1)
    }
  }

  @Test func reflectionDoesNotRepeatTheBorder() {
    let row = Image(height: 1, width: 3, channels: 1, pixels: [1, 2, 3])
    // Two rows more of the only row, and 1 2 3 thrown back beyond its whole length to the right.
    let padded = row.paddedByReflection(top: 1, left: 2, bottom: 0, right: 5)
    let line: [UInt8] = [3, 2, 1, 2, 3, 2, 1, 2, 3, 2]
    #expect(padded == Image(height: 2, width: 10, channels: 1, pixels: line + line))
  }
}
