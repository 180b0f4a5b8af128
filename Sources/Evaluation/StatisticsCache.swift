import Files
import Foundation
import Torch
import Wording

/// Statistics of sets of images, kept in files that are named after what they follow from: the images' names and
/// contents, the network's, and how the images are read.
package struct StatisticsCache: Sendable {
  package let folder: URL

  package init(folder: URL) { self.folder = folder }

  /// `$XDG_CACHE_HOME/cyclegan`, or `.cache/cyclegan` in the home folder; nil where there is neither.
  package init?(environment: [String: String]) {
    func absolute(_ name: String) -> URL? {
      environment[name].flatMap {
        $0.hasPrefix("/") ? URL(fileURLWithPath: $0, isDirectory: true) : nil
      }
    }
    guard
      let base = absolute("XDG_CACHE_HOME")
        ?? absolute("HOME")?.appendingPathComponent(".cache")
    else { return nil }
    folder = base.appendingPathComponent("cyclegan")
  }

  /// Rises when the same images give other statistics.
  private static let version = 1

  /// The file for a set.
  ///
  /// - Parameter settings: whatever else the statistics follow from.
  /// Throws where an image cannot be read.
  func file(
    for set: EvaluatedFolder, network: FeatureNetwork?, settings: [String]
  ) throws(FileError) -> URL {
    var hash = ContentHash()
    hash.add("\(Self.version) \(Backend.version)")
    for setting in settings { hash.add(setting) }
    if let network { try hash.add(contentOf: network.url) }
    for (index, path) in set.paths.enumerated() {
      hash.add(path)
      try hash.add(contentOf: set.file(index))
    }
    return folder.appendingPathComponent("\(hash.text).safetensors")
  }

  /// What is in a file; nil where it is missing or damaged, so that it is made anew.
  func read(_ file: URL, count: Int) -> SetStatistics? {
    guard FileKind(of: file) == .file, let tensors = try? SafeTensors.read(from: file).byName,
      let features = tensors["features"], let thumbnails = tensors["thumbnails"],
      features.rank == 2, thumbnails.rank == 2, features.shape[0] == count,
      thumbnails.shape[0] == count
    else { return nil }
    let levels = (0..<tensors.count - 2).compactMap { tensors["level.\($0)"] }
    let all = levels + [features, thumbnails]
    guard !levels.isEmpty, levels.count == tensors.count - 2,
      all.allSatisfy({ $0.dtype == .float32 && $0.rank == 2 && $0.elementCount > 0 }),
      levels.allSatisfy({ $0.shape[0].isMultiple(of: count) }), Tensor.areFinite(all)
    else { return nil }
    return SetStatistics(features: features, levels: levels, thumbnails: thumbnails)
  }

  /// Throws `FileError`.
  func write(_ statistics: SetStatistics, to file: URL) throws(FileError) {
    try makeFolder(at: folder)
    let levels = statistics.levels.enumerated().map { ("level.\($0.offset)", $0.element) }
    try SafeTensors(
      [("features", statistics.features), ("thumbnails", statistics.thumbnails)] + levels
    ).write(to: file)
  }
}
