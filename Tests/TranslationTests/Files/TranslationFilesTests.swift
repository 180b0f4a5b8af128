import Files
import Foundation
import Imaging
import TestSupport
import Testing
import Torch
import Training

@testable import Translation

/// What kind of file comes out, what of it is kept, and which files are taken.
struct TranslationFilesTests {
  /// The name is kept as it is, and so is what the file is.
  @Test func contentDecidesWhatIsWritten() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let png = try scene.write(makeImage(1, channels: 4).withBitDepth(16), "deep.png")
      try FileManager.default.moveItem(
        at: png, to: scene.inputs.appendingPathComponent("named.jpg"))
      let jpeg = try scene.write(makeImage(2), "photo.jpg")
      try FileManager.default.moveItem(at: jpeg, to: scene.inputs.appendingPathComponent("photo"))
      #expect(try scene.translate() == [])
      #expect(filesBelow(scene.outputs) == ["named.jpg", "photo"])
      let named = try ImageFile.read(from: scene.outputs.appendingPathComponent("named.jpg"))
      #expect(named.format == .png && named.image.channels == 4 && named.image.bitDepth == 16)
      let photo = try ImageFile.read(from: scene.outputs.appendingPathComponent("photo"))
      #expect(photo.format == .jpeg)
    }
  }

  @Test(arguments: ["two words.png", "line\nbreak.png", "é ü 空.png", "-dash.png", "a%20b#.png"])
  func namesStayAsTheyAre(name: String) throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      try scene.write(makeImage(1), name)
      #expect(try scene.translate() == [])
      #expect(filesBelow(scene.outputs) == [name])
    }
  }

  @Test(arguments: [true, false]) func metadataIsKeptUnlessToldOtherwise(isKept: Bool) throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      for name in ["icc.png", "gamma-srgb.png", "orientation-6-big.jpg", "icc-three-segments.jpg"] {
        try FileManager.default.copyItem(
          at: fixture("Imaging/\(name)"), to: scene.inputs.appendingPathComponent(name))
      }
      scene.settings.writing.keepsMetadata = isKept
      #expect(try scene.translate() == [])
      func file(_ name: String) throws -> ImageFile {
        try ImageFile.read(from: scene.outputs.appendingPathComponent(name))
      }
      #expect(try (file("icc.png").iccProfile != nil) == isKept)
      #expect(try (file("icc-three-segments.jpg").iccProfile != nil) == isKept)
      #expect(try (file("gamma-srgb.png").gamma != nil) == isKept)
      #expect(try (file("gamma-srgb.png").renderingIntent != nil) == isKept)
      #expect(try (file("orientation-6-big.jpg").exif != nil) == isKept)
      #expect(try file("orientation-6-big.jpg").image.height == 14, "upright either way")
    }
  }

  /// Nothing of the image shows where alpha is 0: the background does.
  @Test func aJPEGOfATransparentImageShowsTheBackground() throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      scene.settings.writing.background = .black
      let clear = Image(
        height: 16, width: 16, channels: 4,
        pixels: (0..<16 * 16).flatMap { [UInt8(truncatingIfNeeded: $0), 90, 200, 0] })
      try scene.write(clear, "clear.png")
      #expect(try scene.translate(format: .only(.jpeg)) == [])
      let black = Image(
        height: 16, width: 16, channels: 3, pixels: [UInt8](repeating: 0, count: 768))
      #expect(try scene.result("clear.jpg") == black)
    }
  }

  @Test func theLimitOnPixelsIsCheckedFirst() throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      try scene.write(makeImage(1, height: 16, width: 16), "large.png")
      try scene.write(makeImage(1, height: 15, width: 17), "small.png")
      scene.settings.reading.maximumPixels = 255
      #expect(
        try scene.translate() == [
          "large.png: has 16x16 pixels, more than the limit of 255 in all"
        ])
      #expect(filesBelow(scene.outputs) == ["small.png"])
    }
  }

  @Test func truncatedFilesAreTakenOnRequest() throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      let whole = try scene.write(makeImage(1, height: 64, width: 64), "photo 7.jpg")
      let bytes = try Data(contentsOf: whole)
      try bytes.prefix(bytes.count * 3 / 4).write(to: whole)
      #expect(
        try scene.translate() == ["photo 7.jpg: JPEG ends in the middle of the image data"])
      scene.settings.reading.acceptTruncated = true
      #expect(try scene.translate() == [])
      #expect(filesBelow(scene.outputs) == ["photo 7.jpg"])
    }
  }

  @Test func linksThatLeadNowhereAreReported() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      try scene.write(makeImage(1), "a.png")
      for (name, destination) in [("loop.jpg", "loop.jpg"), ("gone.png", "missing")] {
        try FileManager.default.createSymbolicLink(
          atPath: scene.inputs.appendingPathComponent(name).path,
          withDestinationPath: destination)
      }
      #expect(
        try scene.translate().sorted() == [
          "gone.png: cannot be read (No such file or directory)",
          "loop.jpg: cannot be read (Too many levels of symbolic links)",
        ])
    }
  }

  @Test func generatorsOfMoreChannelsThanImagesHaveAreRefused() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root) { $0.inputChannels = 65 }
      let error = #expect(throws: FileError.self) {
        try TranslationModel(at: scene.weights, direction: .aToB)
      }
      #expect(
        error?.description
          == "\(scene.weights.path): it makes 3 channels of 65; images have at most 64")
    }
  }
}
