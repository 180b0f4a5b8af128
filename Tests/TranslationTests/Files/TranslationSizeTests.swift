import Foundation
import Imaging
import TestSupport
import Testing
import Torch
import Training

@testable import Translation

/// Every image comes out at its own size, and is what the generator makes of it.
struct TranslationSizeTests {
  /// A ResNet takes multiples of 4 from 8 on: 13x9 is padded to 16x12, 1x1 to 8x8.
  private static let sizes: [(height: Int, width: Int, padded: [Int])] = [
    (13, 9, [16, 12]), (1, 1, [8, 8]), (37, 40, [40, 40]), (8, 12, [8, 12]), (2, 30, [8, 32]),
    (16, 16, [16, 16]),
  ]

  @Test func imagesKeepTheirSizes() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      var images: [String: Image] = [:]
      for (index, size) in Self.sizes.enumerated() {
        let image = makeImage(index, height: size.height, width: size.width)
        images["\(index).png"] = image
        try scene.write(image, "\(index).png")
      }
      #expect(try scene.translate() == [])
      for (index, size) in Self.sizes.enumerated() {
        let image = try #require(images["\(index).png"])
        let expected = scene.paddedOutput(
          for: image, height: size.padded[0], width: size.padded[1])
        #expect(try scene.result("\(index).png") == expected.images()[0])
      }
    }
  }

  /// The image as a tensor, through the network and back: nothing else happens to it.
  @Test(arguments: [(8, 12), (16, 16), (40, 8)])
  func wholeMultiplesAreThePlainOutput(height: Int, width: Int) throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let image = makeImage(5, height: height, width: width)
      try scene.write(image, "one.png")
      try scene.translate()
      let expected = scene.plainOutput(for: image).images()[0]
      #expect(try scene.result("one.png") == expected)
      // The network must change something, or the comparison says nothing.
      #expect(expected != image)
    }
  }

  /// A JPEG's result is the one that the plain output has as a JPEG of quality 95, byte for byte.
  @Test(arguments: [(13, 9), (1, 1), (37, 40)])
  func jpegs(height: Int, width: Int) throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let input = try scene.write(makeImage(2, height: height, width: width), "one.jpg")
      #expect(try scene.translate() == [])
      let image = try ImageFile.read(from: input).image
      let (padHeight, padWidth) = (max(8, (height + 3) / 4 * 4), max(8, (width + 3) / 4 * 4))
      let output = scene.paddedOutput(for: image, height: padHeight, width: padWidth)
      let expected = root.appendingPathComponent("expected.jpg")
      try ImageFile(image: output.images()[0], format: .jpeg).write(to: expected)
      let result = try Data(contentsOf: scene.outputs.appendingPathComponent("one.jpg"))
      #expect(result == (try Data(contentsOf: expected)))
      let written = try scene.result("one.jpg")
      #expect(written.height == height && written.width == width)
    }
  }

  /// Five halvings need multiples of 32.
  @Test(arguments: [(37, 40, 64, 64), (1, 1, 32, 32), (32, 33, 32, 64)])
  func uNets(height: Int, width: Int, paddedHeight: Int, paddedWidth: Int) throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root) {
        $0.architecture = .uNet(downsamplings: 5)
      }
      let image = makeImage(1, height: height, width: width)
      try scene.write(image, "one.png")
      #expect(try scene.translate() == [])
      let expected = scene.paddedOutput(for: image, height: paddedHeight, width: paddedWidth)
      #expect(try scene.result("one.png") == expected.images()[0])
    }
  }

  /// Sizes alternate, so that batches of three are cut short; the last one is not full. Sums in another
  /// order may round to the next level, but not further.
  @Test(arguments: [2, 3, 16]) func batchesAreLikeSingleImages(_ batchSize: Int) throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      let sizes = [(8, 8), (8, 8), (8, 8), (13, 9), (8, 8), (13, 9), (13, 9), (13, 9), (13, 9)]
      for (index, size) in sizes.enumerated() {
        try scene.write(makeImage(index, height: size.0, width: size.1), "\(index).png")
      }
      try scene.translate()
      let names = sizes.indices.map { "\($0).png" }
      let single = try names.map(scene.result)
      try FileManager.default.removeItem(at: scene.outputs)
      scene.settings.batchSize = batchSize
      #expect(try scene.translate() == [])
      for (name, one) in zip(names, single) {
        let batched = try scene.result(name)
        #expect(batched.height == one.height && batched.width == one.width)
        let difference = Tensor(images: [batched]) - Tensor(images: [one])
        let largest = difference.elements.map { abs($0) }.max() ?? .infinity
        #expect(largest <= 2.5 / 255, "\(name)")
      }
    }
  }

  /// The shorter side becomes 10 pixels: 20x40 is 10x20, and 5x5 is 10x10.
  @Test func sizesCanBeAskedFor() throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      scene.settings.size = 10
      try scene.write(makeImage(0, height: 20, width: 40), "large.png")
      try scene.write(makeImage(1, height: 5, width: 5), "small.png")
      #expect(try scene.translate() == [])
      let large = try scene.result("large.png")
      #expect(large.height == 10 && large.width == 20)
      let small = try scene.result("small.png")
      #expect(small.height == 10 && small.width == 10)
    }
  }
}
