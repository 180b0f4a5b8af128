import Files
import Foundation
import Imaging
import Synchronization
import TestSupport
import Testing
import Torch

@testable import Evaluation

/// Folders against folders, and what is kept of them.
struct EvaluatorTests {
  private func evaluator(
    _ network: FeatureNetwork? = nil, cache: StatisticsCache? = nil,
    report: @escaping (EvaluationEvent) -> Void = { _ in }
  ) -> Evaluator {
    Evaluator(
      settings: EvaluationSettings(), network: network, perceptual: nil, cache: cache,
      report: report)
  }

  private func folder(_ url: URL, most: Int? = nil) throws -> EvaluatedFolder {
    try EvaluatedFolder(url, most: most, reading: ReadOptions())
  }

  private func features() throws -> FeatureNetwork {
    try FeatureNetwork(fixture("Evaluation/features.pt"), input: nil, on: .cpu)
  }

  private func values(_ comparison: Comparison) -> [String: Double] {
    Dictionary(
      uniqueKeysWithValues: comparison.measurements.compactMap { measurement in
        measurement.value.map { (measurement.key, $0) }
      })
  }

  /// The images of both folders are equal, of which there are twelve; half of them make a subset.
  @Test func aFolderAgainstItself() throws {
    try withTemporaryFolder { root in
      let url = root.appendingPathComponent("images")
      try writeImages(12, to: url, height: 20, width: 24)
      let images = try folder(url)
      let comparison = try evaluator(features()).compare(images, with: images)
      let found = values(comparison)
      // Squares of 255 and singular values of features around 128.
      expectClose(found["fid"] ?? .nan, 0, tolerance: 1e-6)
      #expect(found["swd"] == 0)
      #expect(found["diversity"] == 1)
      #expect(found["precision"] == 1 && found["coverage"] == 1)
      #expect(found["psnr"] == nil)
      #expect(found["ssim"].map { abs($0 - 1) < 1e-5 } ?? false)
      let kernel = comparison.measurements.first { $0.key == "kid" }
      #expect(kernel?.remark == "mean and deviation of 100 subsets of 6 images")
      #expect(
        comparison.measurements.map(\.key) == [
          "fid", "kid", "swd", "precision", "recall", "density", "coverage", "diversity", "psnr",
          "ssim",
        ])
      #expect(
        comparison.notes == [
          "the Fréchet distance is biased: it falls with more images; compare it only where there are as many "
            + "(12 and 12)",
          "fewer than 2,048 images on a side: much of the Fréchet distance can be bias; the KID has none",
        ])
    }
  }

  /// All of one color: no covariance; the features are 10 and 10^2 / 256 for each channel, and 30 and 30^2 / 256:
  /// 3 * (20^2 + (800 / 256)^2) = 1229.296875. By PSNR 20 log10(255 / 20) = 22.110.
  @Test func flatImagesAgainstOthers() throws {
    try withTemporaryFolder { root in
      for (name, level) in [("dark", UInt8(10)), ("light", 30)] {
        let url = root.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for index in 0..<3 {
          let image = Image(
            height: 16, width: 16, channels: 3, pixels: .init(repeating: level, count: 768))
          try ImageFile(image: image, format: .png).write(
            to: url.appendingPathComponent("\(index).png"))
        }
      }
      let comparison = try evaluator(features()).compare(
        folder(root.appendingPathComponent("dark")),
        with: folder(root.appendingPathComponent("light")))
      let found = values(comparison)
      expectClose(found["fid"] ?? .nan, 1229.296875, tolerance: 1e-3)
      expectClose(found["psnr"] ?? .nan, 22.110, tolerance: 1e-3)
      // Nothing differs, and three images have no five neighbors.
      #expect(found["diversity"] == nil && found["precision"] == nil)
      #expect(
        comparison.notes.first
          == "fewer than 10 images on a side (3): the numbers mean nothing")
    }
  }

  @Test func withoutANetwork() throws {
    try withTemporaryFolder { root in
      try writeImages(12, to: root.appendingPathComponent("a"), height: 40, width: 32)
      try writeImages(10, to: root.appendingPathComponent("b"), first: 70, height: 40, width: 32)
      let (a, b) = (
        try folder(root.appendingPathComponent("a")), try folder(root.appendingPathComponent("b"))
      )
      let comparison = try evaluator().compare(a, with: b)
      let found = values(comparison)
      #expect(found["fid"] == nil && found["kid"] == nil)
      #expect(found["patch_kid"] != nil)
      #expect(found["swd"].map { $0 > 0 } ?? false)
      #expect(comparison.measurements.allSatisfy { $0.value == nil || $0.error != nil })
      #expect(comparison.notes.first?.hasPrefix("this is no FID: ") ?? false)
      // The same seed gives the same numbers, errors included.
      #expect(try evaluator().compare(a, with: b) == comparison)
    }
  }

  @Test func brokenImagesAreToldAndLeftOut() throws {
    try withTemporaryFolder { root in
      let url = root.appendingPathComponent("images")
      try writeImages(4, to: url)
      let broken = url.appendingPathComponent("02.png")
      try Data("no image".utf8).write(to: broken)
      let skipped = Mutex<[String]>([])
      let comparison = try evaluator { event in
        if case .skipped(let reason) = event { skipped.withLock { $0.append(reason.path) } }
      }.compare(folder(url, most: 3), with: folder(url))
      #expect(comparison.made.images == 2 && comparison.real.images == 3)
      #expect(skipped.withLock { $0 } == [broken.relativePath, broken.relativePath])
      try Data("no image".utf8).write(to: url.appendingPathComponent("00.png"))
      #expect(throws: FileError.self) {
        try evaluator().compare(folder(url, most: 1), with: folder(url))
      }
    }
  }

  @Test func statisticsOfRealImagesComeFromTheCache() throws {
    try withTemporaryFolder { root in
      let (made, real) = (root.appendingPathComponent("made"), root.appendingPathComponent("real"))
      try writeImages(6, to: made)
      try writeImages(7, to: real, first: 20)
      let cache = StatisticsCache(folder: root.appendingPathComponent("cache"))
      let notices = Mutex<[String]>([])
      let evaluator = evaluator(try features(), cache: cache) { event in
        guard case .notice(let text) = event, text.contains("from the cache") else { return }
        notices.withLock { $0.append(text) }
      }
      func files() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: cache.folder.path)) ?? []).sorted()
      }
      let first = try evaluator.compare(folder(made), with: folder(real))
      #expect(files().count == 1 && notices.withLock { $0 }.isEmpty)
      let file = cache.folder.appendingPathComponent(files()[0])
      #expect(try evaluator.compare(folder(made), with: folder(real)) == first)
      #expect(notices.withLock { $0.count } == 1)

      // A damaged file is made anew.
      let whole = try Data(contentsOf: file)
      for damaged in [Data(), whole.dropLast(40), Data("{}".utf8)] {
        try damaged.write(to: file)
        #expect(try evaluator.compare(folder(made), with: folder(real)) == first)
        #expect(try Data(contentsOf: file) == whole)
      }
      #expect(notices.withLock { $0.count } == 1)

      // Another image of the same name and size is another set.
      let image = makeImage(99)
      try ImageFile(image: image, format: .png).write(to: real.appendingPathComponent("03.png"))
      #expect(try evaluator.compare(folder(made), with: folder(real)) != first)
      #expect(files().count == 2 && notices.withLock { $0.count } == 1)
    }
  }

  @Test func theCacheIsWhereTheEnvironmentSays() {
    func path(_ environment: [String: String]) -> String? {
      StatisticsCache(environment: environment)?.folder.path
    }
    #expect(path(["XDG_CACHE_HOME": "/x", "HOME": "/home/a"]) == "/x/cyclegan")
    #expect(path(["HOME": "/home/a"]) == "/home/a/.cache/cyclegan")
    #expect(path(["XDG_CACHE_HOME": "relative", "HOME": "/home/a"]) == "/home/a/.cache/cyclegan")
    #expect(path([:]) == nil)
  }

  /// Paths without their extensions, where no two have one.
  @Test func pairsAreOfOneName() throws {
    try withTemporaryFolder { root in
      let url = root.appendingPathComponent("images")
      try writeImages(3, to: url)
      try ImageFile(image: makeImage(1), format: .jpeg).write(
        to: url.appendingPathComponent("01.jpg"))
      #expect(try folder(url).places == ["00": 0, "02": 3])
    }
  }
}
