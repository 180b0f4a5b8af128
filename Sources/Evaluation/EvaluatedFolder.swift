import Datasets
import Files
import Foundation
import Imaging

/// The images of a folder that are compared, in the order of their paths.
package struct EvaluatedFolder: Sendable {
  package let url: URL
  /// Relative to the folder.
  package let paths: [String]
  /// A line for the user where there are images of kinds that cannot be read.
  package let warning: String?
  /// What the headers say; those that cannot be read have none.
  private let layouts: [ImageLayout]

  /// - Parameter most: images that are taken, the first ones.
  /// Throws `FileError` where there is no such folder or no image in it.
  package init(
    _ url: URL, most: Int?, reading: ReadOptions
  ) throws(FileError) {
    let folder = try ImageFolder(scanning: url)
    self.url = url
    paths = Array(folder.relativePaths.prefix(most ?? .max))
    warning = folder.foreign.summary(used: paths.count).map { "\(url.relativePath): \($0)" }
    layouts = paths.compactMap {
      try? ImageFile.readLayout(from: url.appendingPathComponent($0), options: reading)
    }
  }

  func file(_ index: Int) -> URL { url.appendingPathComponent(paths[index]) }

  /// The shortest side of any image, in pixels.
  var shortestSide: Int? { layouts.map { min($0.height, $0.width) }.min() }

  /// Of the largest image, in pixels.
  var largestArea: Int { layouts.map { $0.height * $0.width }.max() ?? 1 }

  /// In pixels, each once.
  var sizes: Set<ImageSize> { Set(layouts.map { ImageSize(height: $0.height, width: $0.width) }) }

  /// Of the images, without alpha: as many as most have.
  var channels: Int? {
    let counts = Dictionary(grouping: layouts, by: \.colors).mapValues(\.count)
    // Gray images among color ones are taken as color.
    if counts.keys.allSatisfy({ $0 == 1 || $0 == 3 }) { return counts.keys.max() }
    return counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
  }

  /// Paths without their extensions and the places of those that no other shares.
  var places: [String: Int] {
    var found: [String: Int] = [:]
    var twice: Set<String> = []
    for (index, path) in paths.enumerated() {
      let name = (path as NSString).deletingPathExtension
      if found.updateValue(index, forKey: name) != nil { twice.insert(name) }
    }
    for name in twice { found[name] = nil }
    return found
  }
}
