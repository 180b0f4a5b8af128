import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// What becomes of MNIST's files.
struct MNISTFilesTests {
  private static let images = "train-images-idx3-ubyte"
  private static let labels = "train-labels-idx1-ubyte"
  /// Two images of 2 rows of 3 pixels.
  private static let two = idx([2, 2, 3], Array(1...12))

  @Test func imagesAreCutOutRowByRow() throws {
    try withTemporaryFolder { folder in
      try write([Self.images: Self.two, Self.labels: idx([2], [4, 9])], in: folder)
      let source = try source(folder)
      #expect(source.kind == .mnist)
      #expect(source.count == 2)
      #expect(source.channels == 1)
      #expect(source.nativeSize == nil)
      #expect(source.classNames == ["4", "9"])
      #expect(source.warnings.isEmpty)
      #expect(source.summary == "MNIST, 2 images of 3x2, 1 channel, 2 classes")
      let second = Image(height: 2, width: 3, channels: 1, pixels: [7, 8, 9, 10, 11, 12])
      #expect(try source.image(at: 1) == second)
      let first = Image(height: 2, width: 3, channels: 1, pixels: [1, 2, 3, 4, 5, 6])
      #expect(try source.image(at: 0) == first)
    }
  }

  /// 1,200 images: the number is grouped.
  @Test func squareImagesHaveANativeSize() throws {
    try withTemporaryFolder { folder in
      let images = idx([1200, 28, 28], [UInt8](repeating: 3, count: 1200 * 784))
      let labels = (0..<1200).map { UInt8($0 % 10) }
      try write([Self.images: images, Self.labels: idx([1200], labels)], in: folder)
      let source = try source(folder)
      #expect(source.nativeSize == 28)
      #expect(source.summary == "MNIST, 1,200 images of 28x28, 1 channel, 10 classes")
    }
  }

  @Test(arguments: [
    "train-images-idx3-ubyte", "train-images.idx3-ubyte", "TRAIN-IMAGES-IDX3-UBYTE",
    "raw/train-images-idx3-ubyte", "MNIST/raw/train-images.idx3-ubyte",
  ])
  func namesAsArchivesHaveThem(name: String) throws {
    try withTemporaryFolder { folder in
      try write([name: Self.two], in: folder)
      #expect(try source(folder).count == 2)
    }
  }

  @Test(arguments: ["train-images-idx3-ubyte.gz", "train-images.idx3-ubyte.gz"])
  func archivesByTheirNames(name: String) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.copyItem(
        at: fixture("Images/images.gz"), to: folder.appendingPathComponent(name))
      #expect(try source(folder).count == 3)
    }
  }

  @Test func theUnpackedFileComesBeforeItsArchive() throws {
    try withTemporaryFolder { folder in
      try write([Self.images: Self.two], in: folder)
      try FileManager.default.copyItem(
        at: fixture("Images/images.gz"),
        to: folder.appendingPathComponent("train-images-idx3-ubyte.gz"))
      #expect(try source(folder).count == 2)
    }
  }

  /// Some archives unpack into a folder of each file's name, beside the files.
  @Test func foldersNamedLikeFilesArePassedOver() throws {
    try withTemporaryFolder { folder in
      try write(
        ["\(Self.images)/\(Self.images)": [1], "train-images.idx3-ubyte": Self.two], in: folder)
      #expect(try source(folder).count == 2)
    }
  }

  @Test func theTestFilesAreNotUsed() throws {
    try withTemporaryFolder { folder in
      try write(
        [Self.images: Self.two, "t10k-images-idx3-ubyte": [1], "t10k-labels-idx1-ubyte": [1]],
        in: folder)
      #expect(try source(folder).count == 2)
    }
  }

  @Test func filesOfOtherNamesAreFoundByTheirContent() throws {
    try withTemporaryFolder { folder in
      try write(
        [
          "letters": Self.two, "numbers": idx([2], [1, 2]), "letters-test": Self.two,
          "notes.txt": [0, 0, 8],
        ], in: folder)
      let source = try source(folder, class: "2")
      #expect(source.kind == .mnist)
      #expect(try source.image(at: 0).samples == .eightBit([7, 8, 9, 10, 11, 12]))
      try write(["more": Self.two], in: folder)
      expectError("", "more than one file holds IDX images: letters, more", in: folder)
    }
  }

  @Test func aClassIsALabel() throws {
    try withTemporaryFolder { folder in
      let images = idx([4, 1, 1], [10, 20, 30, 40])
      try write([Self.images: images, Self.labels: idx([4], [7, 2, 7, 5])], in: folder)
      let sevens = try source(folder, class: "7")
      #expect(sevens.count == 2)
      #expect(sevens.classNames == ["2", "5", "7"])
      #expect(sevens.summary == "MNIST, 2 images of 1x1, 1 channel, class 7")
      let pixels = try (0..<2).map { try sevens.image(at: $0).samples }
      #expect(pixels == [.eightBit([10]), .eightBit([30])])
      expectError("", "there is no class '0'; there are '2', '5' and '7'", in: folder, class: "0")
    }
  }

  @Test func imagesWithoutLabelsHaveNoClasses() throws {
    try withTemporaryFolder { folder in
      try write([Self.images: Self.two], in: folder)
      let source = try source(folder)
      #expect(source.classNames.isEmpty)
      #expect(source.summary == "MNIST, 2 images of 3x2, 1 channel, no labels")
      expectError(
        "", "there are no labels, so that the class '3' cannot be picked", in: folder, class: "3")
    }
  }

  @Test func labelsAndImagesThatDifferInNumberAreNamed() throws {
    try withTemporaryFolder { folder in
      try write([Self.images: Self.two, Self.labels: idx([3], [1, 2, 3])], in: folder)
      let reason = "has 3 labels, but train-images-idx3-ubyte has 2 images"
      expectError("/train-labels-idx1-ubyte", reason, in: folder)
    }
  }

  @Test(arguments: [
    "train-labels-idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels-idx1-ubyte.gz",
  ])
  func missingTrainingImagesAreNamed(name: String) throws {
    try withTemporaryFolder { folder in
      try write([name: Self.two], in: folder)
      expectError("", "train-images-idx3-ubyte is missing beside \(name)", in: folder)
    }
  }
}
