import Datasets
import Foundation
import TestSupport
import Testing
import Wording

@testable import Translation

/// Memory and workers change how fast a run is, and nothing else.
struct ImageCacheRunTests {
  @Test func theCacheDoesNotChangeTheRun() throws {
    try withTemporaryFolder { root in
      // Eleven kilobytes hold 11 images of 18x18 pixels, more than the 9; five kilobytes hold five.
      let caches: [(String, CacheSize, Int)] = [
        ("off", .off, 1), ("all", .gibibytes(11_000 / 0x1p30), 3), ("auto", .automatic, 2),
        ("some", .gibibytes(5_000 / 0x1p30), 4),
      ]
      var results: [[String: Data]] = []
      var notices: [String] = []
      for (name, cache, workers) in caches {
        var run = try TinyRun(in: root, name: name)
        run.settings.cache = cache
        run.settings.workers = workers
        try run.train { event in
          if case .notice(let text) = event, !text.hasPrefix("A = ") { notices.append(text) }
        }
        results.append(try run.results())
      }
      #expect(results.allSatisfy { $0 == results[0] })
      #expect(
        notices == [
          "all images are kept in memory (1 MiB); each file is decoded once",
          "all images are kept in memory (1 MiB); each file is decoded once",
          "5 of 9 images are kept in memory (1 MiB); the others are decoded each time",
        ])
    }
  }

  /// The check has decoded every image; sample sheets are drawn from memory as well.
  @Test func afterTheCheckARunNeedsNoFiles() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      var warnings: [String] = []
      let outcome = try run.train { event in
        if case .warning(let text) = event { warnings.append(text) }
        guard case .started = event else { return }
        for folder in ["trainA", "trainB"] {
          try? FileManager.default.removeItem(at: root.appendingPathComponent(folder))
        }
      }
      #expect(outcome == .finished)
      #expect(warnings == [])
    }
  }

  @Test func grayDomainsAreAnnounced() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      run.settings.cache = .off
      run.configuration.networks.channelsB = 1
      run.configuration.losses.identityWeight = 0
      var notices: [String] = []
      try run.train(stoppingAfter: 1) { if case .notice(let text) = $0 { notices.append(text) } }
      #expect(
        notices == [
          "\(run.configuration.data.folderB): images are converted to gray",
          "A = trainA (5 images), B = trainB (4)",
        ])
    }
  }
}
