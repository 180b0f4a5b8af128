import Datasets
import Foundation
import TestSupport
import Testing

/// What a folder is taken for.
struct ImageStorageTests {
  private static let images = idx([1, 1, 1], [5])

  @Test func knownNamesDecideBesideImages() throws {
    try withTemporaryFolder { folder in
      try writeImages(2, to: folder)
      try write(["train-images-idx3-ubyte": Self.images], in: folder)
      #expect(try source(folder).kind == .mnist)
    }
    try withTemporaryFolder { folder in
      try writeImages(2, to: folder)
      try write(["data_batch_3.bin": cifarRecord(0)], in: folder)
      #expect(try source(folder).kind == .cifar10)
    }
  }

  @Test func imagesComeBeforeFilesOfOtherNames() throws {
    try withTemporaryFolder { folder in
      try writeImages(2, to: folder.appendingPathComponent("below"))
      try write(["letters": Self.images, "records": cifarRecord(0)], in: folder)
      #expect(try source(folder).kind == .folder)
    }
  }

  @Test func bothAtOnceAreAnError() throws {
    let reason = "holds both IDX files and CIFAR-10 batches; name the folder of one of them"
    try withTemporaryFolder { folder in
      try write(
        ["raw/train-images-idx3-ubyte": Self.images, "data_batch_1.bin": cifarRecord(0)], in: folder
      )
      expectError("", reason, in: folder)
    }
    try withTemporaryFolder { folder in
      try write(["letters": Self.images, "records": cifarRecord(0)], in: folder)
      expectError("", reason, in: folder)
    }
  }

  @Test func foldersWithoutImagesAreNamed() throws {
    try withTemporaryFolder { folder in
      let reason =
        "the folder holds no jpg, jpeg, png, tif, tiff or webp files, no IDX files and no CIFAR-10 batches"
      expectError("", reason, in: folder)
      try write(["notes.txt": Array("nothing".utf8), ".hidden": Self.images], in: folder)
      expectError("", reason, in: folder)
      expectError("", "there is no such folder", in: folder.appendingPathComponent("missing"))
      expectError(
        "", "this is a file, not a folder", in: folder.appendingPathComponent("notes.txt"))
    }
  }
}
