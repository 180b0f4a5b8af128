import Datasets
import Files
import Foundation
import Imaging
import TestSupport
import Testing

@testable import Translation

/// Folders and images a run has to cope with, or say why it cannot.
struct RunDataTests {
  @Test func brokenImagesAreLeftOutAndListed() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      let broken = try breakImage(in: root)
      var ready: [String] = []
      try run.train(stoppingAfter: 5) { event in
        if case .domainReady(let folder, let count, let skipped) = event {
          let name = URL(fileURLWithPath: folder).lastPathComponent
          ready.append("\(name) \(count)")
          ready += skipped.map(\.description)
        }
      }
      #expect(
        ready == [
          "trainA 5", "\(broken.path): is neither a JPEG, a PNG, a TIFF nor a WebP", "trainB 4",
        ])
    }
  }

  /// Told once, when the images are checked; they are used.
  @Test func whatThereIsToKnowOfAnImageIsTold() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      let film = root.appendingPathComponent("trainA/film.png")
      try FileManager.default.copyItem(at: fixture("Metadata/animation.png"), to: film)
      var notices: [String] = []
      try run.train(stoppingAfter: 1) { event in
        if case .notice(let text) = event { notices.append(text) }
      }
      let told = notices.filter { $0.hasSuffix("an animation of 3 frames; the first is taken") }
      #expect(told.count == 1 && told[0].hasPrefix(film.path))
    }
  }

  /// The penalty looks at points between a real image and a fake, which need one size.
  @Test func gradientPenaltyNeedsOneSize() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      try FileManager.default.removeItem(at: root.appendingPathComponent("trainB"))
      try writeImages(3, to: root.appendingPathComponent("trainB"), height: 32, width: 32)
      run.configuration.data.preprocessing = .none
      run.configuration.losses.adversary = .wganGP
      let error = #expect(throws: DomainError.self) { try run.train() }
      #expect(error == .penaltyNeedsOneSize(count: 2))
    }
  }

  @Test func aStrictRunEndsBeforeItBegins() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.data.strict = true
      let broken = try breakImage(in: root)
      let error = #expect(throws: DomainError.self) { try run.train() }
      #expect(error?.description == "\(broken.path): is neither a JPEG, a PNG, a TIFF nor a WebP")
      #expect(!FileManager.default.fileExists(atPath: run.folder.url.path))
    }
  }

  @Test func imagesThatBreakDuringTheRunAreReplaced() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.settings.cache = .off
      var warnings: [String] = []
      var isBroken = false
      try run.train { event in
        if case .warning(let text) = event { warnings.append(text) }
        if case .step = event, !isBroken {
          isBroken = true
          try? Data("no image".utf8).write(to: root.appendingPathComponent("trainA/02.png"))
        }
      }
      let broken = root.appendingPathComponent("trainA/02.png").path
      let expected =
        "\(broken): is neither a JPEG, a PNG, a TIFF nor a WebP; the next image takes its place"
      // At least in each of the epochs after the first.
      #expect(warnings.count >= 3)
      #expect(warnings.allSatisfy { $0 == expected })
      #expect(try run.metrics().count == 20)
    }
  }

  @Test func imagesSmallerThanTheCropAreLeftOut() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.data.preprocessing = .crop
      let small = root.appendingPathComponent("trainB/small.png")
      try ImageFile(image: makeImage(1, height: 20, width: 9), format: .png).write(to: small)
      var skipped: [String] = []
      try run.train(stoppingAfter: 1) { event in
        if case .domainReady(_, _, let left) = event { skipped += left.map(\.description) }
      }
      #expect(skipped == ["\(small.path): 9x20 is smaller than the crop of 16x16"])
    }
  }

  @Test func withoutAUsableImageTheFolderIsNamed() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.data.preprocessing = .crop
      run.configuration.data.cropSize = 24
      let error = #expect(throws: DomainError.self) { try run.train() }
      #expect(
        error?.description
          == "\(run.configuration.data.folderA): none of its 5 images can be used")
    }
  }

  @Test(arguments: [
    ("missing", "there is no such folder"),
    ("trainA/00.png", "this is a file, not a folder"),
    ("empty", "the folder holds no jpg, jpeg, png, tif, tiff or webp files"),
  ])
  func foldersThatCannotBeUsedAreNamed(_ name: String, reason: String) throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      let empty = root.appendingPathComponent("empty")
      try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
      run.configuration.data.folderB = root.appendingPathComponent(name).path
      let error = #expect(throws: FileError.self) { try run.train() }
      #expect(error?.description == "\(run.configuration.data.folderB): \(reason)")
      #expect(!FileManager.default.fileExists(atPath: run.folder.url.path))
    }
  }

  @Test func batchesNeedImagesOfOneSize() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.data.preprocessing = .none
      run.configuration.data.batchSize = 2
      let wide = root.appendingPathComponent("trainA/wide.png")
      try ImageFile(image: makeImage(1, height: 20, width: 40), format: .png).write(to: wide)
      let error = #expect(throws: DomainError.self) { try run.train() }
      #expect(
        error?.description
          == "\(run.configuration.data.folderA): its images have 2 sizes after preprocessing; a "
          + "batch of 2 needs one")
      run.configuration.data.batchSize = 1
      #expect(try run.train(stoppingAfter: 6) == .interrupted)
    }
  }

  @Test func gradesOfGrayGoWithColor() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.networks.channelsA = 1
      run.configuration.losses.identityWeight = 0
      run.configuration.schedule.sampleEvery = nil
      run.configuration.schedule.constantEpochs = 1
      run.configuration.schedule.decayEpochs = 0
      #expect(try run.train() == .finished)
      #expect(try run.metrics().allSatisfy { $0["idt_A"] as? Double == 0 })
    }
  }

  @Test func onlyTheFirstImagesAreTaken() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.configuration.data.maximumImages = 2
      var counts: [Int] = []
      try run.train { if case .domainReady(_, let count, _) = $0 { counts.append(count) } }
      #expect(counts == [2, 2])
      // Two steps in each of four epochs.
      #expect(try run.metrics().count == 8)
    }
  }

  private func breakImage(in root: URL) throws -> URL {
    let file = root.appendingPathComponent("trainA/broken.png")
    try Data("no image".utf8).write(to: file)
    return file
  }
}
