import Files
import Foundation
import Imaging
import TestSupport
import Testing

@testable import Datasets

/// Images that commands are given by files and folders.
struct GivenImagesTests {
  private func given(
    _ paths: [String], size: Int = 4, channels: Int = 1, most: Int = .max
  ) throws -> GivenImages {
    try GivenImages(
      at: paths, size: size, channels: channels, background: .white, reading: ReadOptions(),
      most: most)
  }

  @Test func filesAndFoldersInTheirOrder() throws {
    try withTemporaryFolder { root in
      let folder = root.appendingPathComponent("images")
      try writeImages(2, to: folder.appendingPathComponent("b"), height: 8, width: 6, channels: 1)
      try writeImages(1, to: folder.appendingPathComponent("a"), height: 4, width: 4, channels: 1)
      let inA = try FileManager.default.contentsOfDirectory(
        atPath: folder.appendingPathComponent("a").path)
      let file = folder.path + "/a/" + inA[0]
      let images = try given([file, folder.path + "/"])
      #expect(images.count == 4)
      #expect(images.name(at: 0) == file)
      #expect(images.name(at: 1) == file)
      #expect(images.name(at: 2).hasPrefix(folder.path + "/b/"))
      // As they are, and the middle square of 8x6 at another size.
      #expect(try images.image(at: 1) == ImageFile.read(from: URL(fileURLWithPath: file)).image)
      let square = try images.image(at: 2)
      #expect((square.height, square.width) == (4, 4))
      #expect(try given([folder.path], most: 2).count == 2)
    }
  }

  /// Three images of 1x2 pixels in an IDX file, whatever its name: MNIST's test images are one.
  @Test func aFileOfIDXImages() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("t10k-images")
      let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2]
      try Data(header + [10, 20, 30, 40, 50, 60]).write(to: file)
      let images = try given([file.path], size: 1)
      #expect(images.count == 3)
      #expect(images.name(at: 2) == "\(file.path), image 3")
      #expect(try given([file.path], most: 2).count == 2)
      // The square in the middle of 1x2 is the first pixel.
      #expect(try images.image(at: 1).samples == .eightBit([30]))
    }
  }

  /// The first folder below the given one, or that itself, or the folder of a file; the labels of MNIST's files, also
  /// where one of images is given alone.
  @Test func classes() throws {
    try withTemporaryFolder { root in
      let folder = root.appendingPathComponent("images")
      for name in ["", "cat", "cat/old"] {
        try writeImages(
          1, to: folder.appendingPathComponent(name), height: 4, width: 4, channels: 1)
      }
      let mnist = root.appendingPathComponent("mnist")
      try FileManager.default.createDirectory(at: mnist, withIntermediateDirectories: true)
      let (images, labels) = (
        mnist.appendingPathComponent("train-images-idx3-ubyte"),
        mnist.appendingPathComponent("train-labels-idx1-ubyte")
      )
      try Data([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 10, 20]).write(to: images)
      try Data([0, 0, 8, 1, 0, 0, 0, 2, 7, 3]).write(to: labels)
      let given = try given([
        folder.path, folder.path + "/cat/old/00.png", mnist.path, images.path,
      ])
      let found = (0..<given.count).map { given.className(at: $0) }
      #expect(Set(found[0..<3]) == ["images", "cat"])
      #expect(found[0..<3].count { $0 == "cat" } == 2)
      #expect(Array(found[3...]) == ["old", "7", "3", "7", "3"])
      try FileManager.default.removeItem(at: labels)
      #expect(try self.given([images.path]).className(at: 0) == nil)
    }
  }

  /// The test files need no others beside them, and bring their labels.
  @Test func testFilesAlone() throws {
    try withTemporaryFolder { root in
      let (mnist, cifar) = (root.appendingPathComponent("m"), root.appendingPathComponent("c"))
      try write(
        [
          "t10k-images-idx3-ubyte": [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 10, 20],
          "t10k-labels-idx1-ubyte": [0, 0, 8, 1, 0, 0, 0, 2, 7, 3],
        ], in: mnist)
      try write(["test_batch.bin": cifarRecord(6) + cifarRecord(9)], in: cifar)
      for path in [mnist.path, mnist.path + "/t10k-images-idx3-ubyte"] {
        let images = try given([path], size: 1)
        #expect((0..<images.count).map { images.className(at: $0) } == ["7", "3"])
        #expect(try images.image(at: 1).samples == .eightBit([20]))
      }
      for path in [cifar.path, cifar.path + "/test_batch.bin"] {
        let images = try given([path], size: 32, channels: 3)
        #expect((0..<images.count).map { images.className(at: $0) } == ["frog", "truck"])
      }
      // Those for training come first, and training itself takes no others.
      try write(["data_batch_3.bin": cifarRecord(1)], in: cifar)
      #expect(try given([cifar.path], size: 32, channels: 3).count == 1)
      #expect(throws: FileError.self) { try source(mnist) }
      // A file without a byte is no batch.
      try write(["empty": []], in: root)
      #expect(try given([root.path + "/empty"]).className(at: 0) == root.lastPathComponent)
    }
  }

  @Test func whatIsNotThere() throws {
    try withTemporaryFolder { root in
      #expect(throws: FileError.self) { try given([root.appendingPathComponent("none").path]) }
      #expect(throws: FileError.self) { try given([root.path]) }
      let broken = root.appendingPathComponent("broken.png")
      try Data("no image".utf8).write(to: broken)
      let images = try given([broken.path])
      #expect(images.count == 1)
      #expect(throws: FileError.self) { try images.image(at: 0) }
    }
  }
}
