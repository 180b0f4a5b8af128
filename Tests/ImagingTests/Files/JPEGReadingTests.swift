import Foundation
import Testing

@testable import Imaging

@Suite struct JPEGReadingTests {
  /// Expected pixels: Pillow's reading of the same file. Both use libjpeg-turbo, whose transforms
  /// give the same levels in every version and on every processor.
  @Test(arguments: [
    "baseline-444", "baseline-422", "baseline-420", "baseline-440", "baseline-411", "baseline-410",
    "progressive", "gray", "gray-progressive", "rgb", "restart-markers", "trailing-garbage",
    "cmyk-adobe", "cmyk-plain", "ycck-adobe", "icc-three-segments",
  ])
  func decodesAsPillowDoes(name: String) throws {
    let file = try ImageFile.read(from: Fixture.url(name + ".jpg"))
    #expect(file.format == .jpeg)
    #expect(try largestDifference(file.image, Fixture.pixels(name)) == 0)
  }

  @Test(arguments: Orientation.allCases, ["little", "big"])
  func exifOrientationIsApplied(orientation: Orientation, endian: String) throws {
    let name = "orientation-\(orientation.rawValue)-\(endian)"
    let url = Fixture.url(name + ".jpg")
    let image = try ImageFile.read(from: url).image
    #expect(try largestDifference(image, Fixture.pixels(name)) == 0)
    let layout = try ImageFile.readLayout(from: url)
    #expect(layout == ImageLayout(of: image))
    // Stored as 9 rows of 14 pixels.
    #expect(layout.height == (orientation.swapsAxes ? 14 : 9))
  }

  @Test func profileSegmentsAreJoinedInTheirOrder() throws {
    let file = try ImageFile.read(from: Fixture.url("icc-three-segments.jpg"))
    #expect(try file.iccProfile == Fixture.bytes("srgb.icc"))
  }

  @Test func profileWithAMissingSegmentIsLeftOut() throws {
    let file = try ImageFile.read(from: Fixture.url("icc-missing-segment.jpg"))
    #expect(file.iccProfile == nil)
  }

  /// 101x131 at 1, 2, 4 and 8 eighths is 13x17, 26x33, 51x66 and 101x131, rounded up.
  @Test(arguments: [
    (needed: (13, 17), got: 1), (needed: (14, 17), got: 2), (needed: (26, 33), got: 2),
    (needed: (51, 60), got: 4), (needed: (90, 131), got: 8), (needed: (500, 500), got: 8),
  ])
  func smallestSufficientScaleIsDecoded(needed: (Int, Int), got: Int) throws {
    var options = ReadOptions()
    (options.minimumHeight, options.minimumWidth) = needed
    let image = try ImageFile.read(from: Fixture.url("scaled.jpg"), options: options).image
    #expect(try largestDifference(image, Fixture.pixels("scaled-\(got)-of-8")) == 0)
  }

  /// 3 eighths of 101x131 is 37.9x49.1: between the powers of two there are scales, too.
  @Test func scalesBetweenThePowersOfTwoAreUsed() throws {
    var options = ReadOptions()
    options.minimumHeight = 30
    let image = try ImageFile.read(from: Fixture.url("scaled.jpg"), options: options).image
    #expect((image.height, image.width) == (38, 50))
  }

  /// Stored as 9x14 and turned, the image is 14x9: 14 eighths of 8 rows need the full size.
  @Test func neededSizeIsThatOfTheUprightImage() throws {
    var options = ReadOptions()
    (options.minimumHeight, options.minimumWidth) = (10, 3)
    let url = Fixture.url("orientation-6-big.jpg")
    // 6 eighths are 7x11 stored, 11x7 upright; 5 eighths are 6x9, too few of 10 rows.
    let image = try ImageFile.read(from: url, options: options).image
    #expect((image.height, image.width) == (11, 7))
  }
}
