import Datasets
import Files
import Foundation
import Imaging

/// The images to translate, in order. A million of them need little memory: they are made as they are asked for.
package struct TranslationJobs: RandomAccessCollection, Sendable {
  /// Where paths come from, which decides what their results are called.
  private enum Origin: Sendable {
    /// The paths are relative to a folder, and so are those of the results.
    case folder(URL)
    /// A file that was named: the result has its name.
    case file
    /// A file of a list: a relative path is the result's as well, and an absolute one gives its last name.
    case list
    /// A file whose result has a name of its own.
    case renamed(result: String, ImageFormat?)
  }

  private let output: URL
  private let format: TranslationFormat
  private let shard: Shard
  private var paths = PathList()
  /// Each with the number of paths up to its end.
  private var origins: [(origin: Origin, end: Int)] = []
  /// Of the paths, those that are translated.
  private var chosen: [Int32] = []

  init(output: URL, format: TranslationFormat, shard: Shard) {
    (self.output, self.format, self.shard) = (output, format, shard)
  }

  /// One image, whose result has a name of its own.
  init(_ input: URL, to output: URL, format: ImageFormat?) {
    self.init(output: output.deletingLastPathComponent(), format: .same, shard: .whole)
    add([input.relativePath], .renamed(result: output.lastPathComponent, format))
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { chosen.count }
  /// Images of all shards.
  package var countOfAllShards: Int { paths.count }

  package subscript(index: Int) -> TranslationJob {
    let place = Int(chosen[index])
    let (name, format) = result(ofPath: place)
    return TranslationJob(
      input: URL(fileURLWithPath: file(ofPath: place), isDirectory: false),
      output: output.appendingPathComponent(name, isDirectory: false), format: format)
  }

  /// The first so many.
  package func first(_ count: Int) -> TranslationJobs {
    var jobs = self
    jobs.chosen = Array(chosen.prefix(count))
    return jobs
  }

  /// Those at the places that are wanted, in order.
  func kept(where isWanted: (Int) -> Bool) -> TranslationJobs {
    var jobs = self
    jobs.chosen = chosen.indices.filter(isWanted).map { chosen[$0] }
    return jobs
  }

  /// The files of all shards.
  func allFiles() -> some Sequence<String> { paths.indices.lazy.map(file) }

  /// Jobs whose results would have one name.
  func clashes() -> [[Int]] {
    var names = PathList()
    for place in chosen { names.append(result(ofPath: Int(place)).name) }
    return names.repetitions()
  }

  /// The path of a job's result.
  func outputPath(_ index: Int) -> String {
    "\(output.path)/\(result(ofPath: Int(chosen[index])).name)"
  }

  // MARK: Filling

  mutating func add(file: String) { add([file], .file) }

  mutating func add(list: some Sequence<String>) { add(list, .list) }

  mutating func add(_ paths: some Sequence<String>, of folder: URL) { add(paths, .folder(folder)) }

  private mutating func add(_ new: some Sequence<String>, _ origin: Origin) {
    let start = paths.count
    for path in new { paths.append(path) }
    guard paths.count > start else { return }
    if case .file = origin, case .file? = origins.last?.origin {
      origins[origins.count - 1].end = paths.count
    } else {
      origins.append((origin, paths.count))
    }
    for place in start..<paths.count where shard.holds(result(ofPath: place).name) {
      chosen.append(Int32(place))
    }
  }

  // MARK: Names

  private func origin(ofPath place: Int) -> Origin {
    var (low, high) = (0, origins.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if origins[middle].end > place { high = middle } else { low = middle + 1 }
    }
    return origins[low].origin
  }

  private func file(ofPath place: Int) -> String {
    guard case .folder(let folder) = origin(ofPath: place) else { return paths[place] }
    return "\(folder.relativePath)/\(paths[place])"
  }

  /// The name of a result below the output folder, and what it is written as; `nil` for what the input is.
  private func result(ofPath place: Int) -> (name: String, format: ImageFormat?) {
    let path = paths[place]
    let plain: String
    switch origin(ofPath: place) {
    case .folder: plain = path
    case .file: plain = String(path.lastPathName)
    case .list: plain = Self.resultName(ofListed: path)
    case .renamed(let result, let format): return (result, format)
    }
    let own = ImageFormat(nameOf: path)
    guard case .only(let wanted) = format else { return (plain, nil) }
    if wanted == own { return (plain, wanted) }
    let stem = own == nil ? plain : plain.withoutPathEnding
    return ("\(stem).\(wanted.fileExtensions[0])", wanted)
  }

  /// Below the output folder whatever the path: "../a/./b.png" gives "a/b.png".
  private static func resultName(ofListed path: String) -> String {
    if path.utf8.first == UInt8(ascii: "/") { return String(path.lastPathName) }
    var names: [Substring] = []
    for name in path.split(separator: "/") where name != "." {
      if name != ".." { names.append(name) } else { _ = names.popLast() }
    }
    return names.joined(separator: "/")
  }
}
