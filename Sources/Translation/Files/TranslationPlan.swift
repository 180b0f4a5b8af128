import Datasets
import Files
import Foundation
import Imaging
import Wording

/// The images to translate, what cannot be, and what was found beside them.
package struct TranslationPlan: Sendable {
  package private(set) var jobs: TranslationJobs
  /// Images that are not translated because their results would have one name.
  package private(set) var clashes: [Clash] = []
  /// A line for each folder with images of kinds that cannot be read, and for a list with folders in it.
  package private(set) var warnings: [String] = []
  /// For each job, whether its result is there already.
  private var resultExists: [Bool] = []

  /// Plans files and folders: a file keeps its name, a folder's images their paths in it.
  ///
  /// Images inside the output folder are passed over, so that a second run does not translate the
  /// results of the first.
  ///
  /// - Parameters:
  ///   - list: names of further files, which keep their paths if those are relative.
  ///   - shard: the part of all images that is planned.
  ///   - strict: refuses folders with images of kinds that cannot be read.
  /// Throws `FileError` for an input that is missing or empty or refused, and where
  /// a result would replace an input or nothing is left to translate.
  package init(
    _ inputs: [URL], list: InputList? = nil, output: URL, format: TranslationFormat,
    shard: Shard = .whole, strict: Bool = false
  ) throws(FileError) {
    jobs = TranslationJobs(output: output, format: format, shard: shard)
    let results = OutputFolder(output)
    for input in inputs {
      guard let kind = FileKind(of: input) else {
        throw FileError(path: input.relativePath, reason: "there is no such file or folder")
      }
      guard kind == .folder else {
        jobs.add(file: input.relativePath)
        continue
      }
      let folder = try ImageFolder(scanning: input)
      if strict {
        try folder.foreign.refuse(in: input.relativePath, beside: folder.paths.count)
      }
      let before = jobs.countOfAllShards
      jobs.add(
        folder.paths.lazy.filter { !results.holds("\(input.path)/\($0)") }, of: input)
      if let foreign = folder.foreign.summary(used: jobs.countOfAllShards - before) {
        warnings.append("\(input.relativePath): \(foreign)")
      }
    }
    if let list { add(list, results) }
    if jobs.countOfAllShards == 0 {
      throw FileError(
        path: output.relativePath,
        reason: "all images to translate are in it already; choose another output folder")
    }
    try lookForResults()
    takeOutClashes()
  }

  /// Plans one image whose result has a name of its own.
  ///
  /// - Parameter format: of the result; `nil` for the input's.
  /// Throws `FileError` for an input that is missing, or is the result as well.
  package init(_ input: URL, to output: URL, format: ImageFormat?) throws(FileError) {
    guard FileKind(of: input) != nil else {
      throw FileError(path: input.relativePath, reason: "there is no such file or folder")
    }
    jobs = TranslationJobs(input, to: output, format: format)
    try lookForResults()
  }

  /// An image whose result would have the name of another's.
  package struct Clash: Sendable, Equatable {
    package let input: URL
    package let reason: String
  }

  /// Jobs whose results are not there yet.
  package var jobsWithoutResult: TranslationJobs { jobs.kept { !resultExists[$0] } }

  /// The first job whose result is there.
  package var firstWithResult: TranslationJob? {
    resultExists.firstIndex(of: true).map { jobs[$0] }
  }

  /// Only the first so many jobs.
  package mutating func keepFirst(_ count: Int) {
    jobs = jobs.first(count)
    resultExists = Array(resultExists.prefix(count))
  }

  /// A list that `find` makes without `-type f` has folders in it, whose files it names as well. What is missing
  /// is told when its turn comes, as what cannot be read is.
  private mutating func add(_ list: InputList, _ results: OutputFolder) {
    var folderCount = 0
    var files = PathList()
    for name in list.names {
      if FileKind(atPath: name) == .folder {
        folderCount += 1
      } else if !results.holds(name) {
        files.append(name)
      }
    }
    jobs.add(list: files)
    if folderCount > 0 {
      warnings.append(
        "--list: \(counted(folderCount, "name")) of folders passed over; a list names files")
    }
  }

  /// Notes which results are there. Throws if one of them is an input of any shard, under whatever name.
  private mutating func lookForResults() throws(FileError) {
    let found = jobs.indices.map { FileIdentity(atPath: jobs.outputPath($0)) }
    resultExists = found.map { $0 != nil }
    let results = Set(found.compactMap(\.self))
    guard !results.isEmpty else { return }
    for input in jobs.allFiles() {
      guard let identity = FileIdentity(atPath: input), results.contains(identity),
        let place = found.firstIndex(of: identity)
      else { continue }
      throw FileError(
        path: jobs[place].output.relativePath,
        reason: "this is an input; choose another output folder")
    }
  }

  private mutating func takeOutClashes() {
    let groups = jobs.clashes()
    if groups.isEmpty { return }
    let other = Dictionary(
      uniqueKeysWithValues: groups.flatMap { group in
        group.map { ($0, $0 == group[0] ? group[1] : group[0]) }
      })
    clashes = other.keys.sorted().map { place in
      let job = jobs[place]
      return Clash(
        input: job.input,
        reason: "\(job.output.relativePath) would be the result of "
          + "\(jobs[other[place]!].input.relativePath) as well")
    }
    let places = jobs.indices.filter { other[$0] == nil }
    jobs = jobs.kept { other[$0] == nil }
    resultExists = places.map { resultExists[$0] }
  }
}

/// Tells which files lie in the folder of the results, or below it, by whatever name.
private final class OutputFolder {
  private let path: String
  /// Of the folders looked at so far.
  private var found: [String: Bool] = [:]

  init(_ folder: URL) {
    path = folder.standardizedFileURL.resolvingSymlinksInPath().path + "/"
  }

  func holds(_ file: String) -> Bool {
    let folder = String(file[..<file.lastPathName.startIndex])
    if let known = found[folder] { return known }
    let url = URL(fileURLWithPath: folder.isEmpty ? "." : folder, isDirectory: true)
    let isInside = (url.resolvingSymlinksInPath().path + "/").hasPrefix(path)
    found[folder] = isInside
    return isInside
  }
}
