import TestSupport
import Testing

@testable import Imaging

/// What the table of formats promises for every one of them.
struct ImageFormatTests {
  @Test(arguments: ImageFormat.allCases) func aFormatKnowsItsOwnFiles(format: ImageFormat) throws {
    let bytes = try ImageFile(image: makeImage(3), format: format).encoded()
    #expect(ImageFormat(firstBytes: bytes) == format)
    #expect(try ImageFile.decode(bytes).format == format)
    #expect(ImageFormat(rawValue: format.rawValue) == format)
    for pathExtension in format.fileExtensions {
      #expect(ImageFormat(pathExtension: pathExtension) == format)
    }
  }

  @Test func formatsAreNamedToUsers() {
    #expect(ImageFormat.allCases.map(\.rawValue) == ["jpeg", "png", "tiff", "webp"])
    #expect(ImageFormat.extensionWords == "jpg, jpeg, png, tif, tiff or webp")
    #expect(ImageFormat(rawValue: "gif") == nil)
  }
}
