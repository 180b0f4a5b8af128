import Foundation
import Testing

@testable import Imaging

@Suite struct PNGReadingTests {
  /// Expected pixels: those that make_fixtures.py put into the file.
  @Test(arguments: [
    "gray-1", "gray-2", "gray-4", "gray-8", "gray-16", "gray-1-interlaced", "gray-2-interlaced",
    "gray-4-interlaced", "gray-8-interlaced", "gray-1-trns", "gray-2-trns", "gray-4-trns",
    "gray-8-trns", "palette-1", "palette-2", "palette-4", "palette-8", "palette-1-trns",
    "palette-2-trns", "palette-4-trns", "palette-8-trns", "gray-alpha-8", "gray-alpha-16", "rgb-8",
    "rgb-16", "rgba-8", "rgba-16", "gray-alpha-8-interlaced", "gray-alpha-16-interlaced",
    "rgb-8-interlaced", "rgb-16-interlaced", "rgba-8-interlaced", "rgba-16-interlaced",
    "rgb-8-trns", "rgb-16-trns", "icc", "gamma-srgb", "exif-before", "exif-after",
  ])
  func decodesToThePixelsThatWentIn(name: String) throws {
    let url = Fixture.url(name + ".png")
    let file = try ImageFile.read(from: url)
    #expect(file.format == .png)
    #expect(try file.image == Fixture.pixels(name))
    let layout = try ImageFile.readLayout(from: url)
    #expect(layout == ImageLayout(of: file.image))
  }

  @Test func colorChunksAreKept() throws {
    let profiled = try ImageFile.read(from: Fixture.url("icc.png"))
    #expect(try profiled.iccProfile == Fixture.bytes("srgb.icc"))
    #expect(profiled.gamma == nil && profiled.renderingIntent == nil)
    let calibrated = try ImageFile.read(from: Fixture.url("gamma-srgb.png"))
    #expect(calibrated.iccProfile == nil)
    #expect(calibrated.gamma == 45455)
    #expect(calibrated.renderingIntent == 1)
  }
}
