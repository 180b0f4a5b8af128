import Datasets
import Files
import Foundation
import Imaging
import Wording

/// The images of `cyclegan demo` as files: landscapes in summer (A) and in winter (B).
///
/// Every training scene is drawn in one season only. The test scenes are drawn in both, under the same
/// name in `testA` and `testB`, so that the truth about a translation is known.
package struct DemoDataset: Sendable {
  package let root: URL
  package static let imageSize = 128
  static let trainingScenes = 200
  static let testScenes = 24

  package init(root: URL) { self.root = root }

  package var trainA: URL { root.appendingPathComponent("trainA") }
  package var trainB: URL { root.appendingPathComponent("trainB") }
  package var testA: URL { root.appendingPathComponent("testA") }
  package var testB: URL { root.appendingPathComponent("testB") }

  /// Names of the test images, the same in both folders.
  package var testNames: [String] { (0..<Self.testScenes).map(Self.name) }

  /// Draws every image and writes its PNG file. Throws `FileError`, and
  /// `CancellationError` once `shouldStop` is true.
  package func write(workers: Int, shouldStop: () -> Bool = { false }) throws {
    for folder in [trainA, trainB, testA, testB] {
      do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      } catch {
        throw FileError(path: folder.relativePath, cause: error)
      }
    }
    let files = plan()
    let drawings = Prefetcher(0..<files.count, depth: workers * 2, workers: workers) { index in
      let (file, scene, season) = files[index]
      let image = DemoScene(seed: scene).drawn(
        in: season, height: Self.imageSize, width: Self.imageSize)
      try ImageFile(image: image, format: .png).write(to: file)
    }
    while try drawings.next(unless: shouldStop) != nil {}
  }

  /// No scene occurs twice, but for the test scenes, which occur in both seasons.
  private func plan() -> [(file: URL, scene: UInt64, season: Season)] {
    let training = UInt64(Self.trainingScenes)
    return (0..<Self.trainingScenes).flatMap { index in
      [
        (trainA.appendingPathComponent(Self.name(index)), UInt64(index), Season.summer),
        (trainB.appendingPathComponent(Self.name(index)), training + UInt64(index), .winter),
      ]
    }
      + (0..<Self.testScenes).flatMap { index in
        let scene = 2 * training + UInt64(index)
        return [
          (testA.appendingPathComponent(Self.name(index)), scene, Season.summer),
          (testB.appendingPathComponent(Self.name(index)), scene, .winter),
        ]
      }
  }

  private static func name(_ index: Int) -> String {
    "scene-\(padded(index, to: 3)).png"
  }
}
