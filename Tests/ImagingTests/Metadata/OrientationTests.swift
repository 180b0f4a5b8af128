import Testing

@testable import Imaging

@Suite struct OrientationTests {
  /// A TIFF structure of one entry: tag 0x0112, type SHORT, one value, 6.
  private static let little: [UInt8] = [
    0x49, 0x49, 42, 0, 8, 0, 0, 0,  // "II", 42, the directory at 8
    1, 0,  // one entry
    0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0,
    0, 0, 0, 0,
  ]
  private static let big: [UInt8] = [
    0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1,
    0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0,
    0, 0, 0, 0,
  ]

  @Test func bothByteOrdersAreRead() {
    #expect(Orientation(exif: Self.little) == .turnedClockwise)
    #expect(Orientation(exif: Self.big) == .turnedClockwise)
  }

  @Test func longValuesAreRead() {
    var little = Self.little
    little[12] = 4  // type LONG
    #expect(Orientation(exif: little) == .turnedClockwise)
    var big = Self.big
    big.replaceSubrange(12..<22, with: [0, 4, 0, 0, 0, 1, 0, 0, 0, 6])
    #expect(Orientation(exif: big) == .turnedClockwise)
  }

  @Test func nonsenseIsNoOrientation() {
    var outOfRange = Self.little
    outOfRange[18] = 9
    #expect(Orientation(exif: outOfRange) == nil)
    var farDirectory = Self.little
    farDirectory.replaceSubrange(4..<8, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(Orientation(exif: farDirectory) == nil)
    var manyEntries = Self.little
    manyEntries.replaceSubrange(8..<12, with: [0xFF, 0xFF, 0, 0])
    #expect(Orientation(exif: manyEntries) == nil)
    // The value ends at byte 20.
    for count in 0..<20 {
      #expect(Orientation(exif: Array(Self.little.prefix(count))) == nil)
    }
  }
}
