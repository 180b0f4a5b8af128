import Datasets
import Files
import Foundation
import Imaging

/// The images to translate, what cannot be, and what was found beside them.
package struct TranslationPlan: Sendable {
  package internal(set) var jobs: [TranslationJob] = []
  /// Images that are not translated because their results would have one name.
  package private(set) var clashes: [Clash] = []
  /// A line for each folder with images of kinds that cannot be read.
  package private(set) var warnings: [String] = []

  /// Plans files and folders: a file keeps its name, a folder's images their paths in it.
  ///
  /// Images inside the output folder are passed over, so that a second run does not translate the
  /// results of the first.
  ///
  /// - Parameter strict: refuses folders with images of kinds that cannot be read.
  /// Throws `FileError` for an input that is missing or empty or refused, and where
  /// a result would replace an input or nothing is left to translate.
  package init(
    _ inputs: [URL], output: URL, format: TranslationFormat, strict: Bool = false
  ) throws(FileError) {
    let outputPath = output.standardizedFileURL.resolvingSymlinksInPath().path
    for input in inputs {
      guard let kind = FileKind(of: input) else {
        throw FileError(path: input.relativePath, reason: "there is no such file or folder")
      }
      guard kind == .folder else {
        jobs.append(Self.job(input, input.lastPathComponent, output, format))
        continue
      }
      let folder = try ImageFolder(scanning: input)
      if strict {
        try folder.foreign.refuse(in: input.relativePath, beside: folder.relativePaths.count)
      }
      let files = folder.relativePaths.filter { path in
        let file = input.appendingPathComponent(path)
        return !file.resolvingSymlinksInPath().path.hasPrefix(outputPath + "/")
      }
      for path in files {
        jobs.append(Self.job(input.appendingPathComponent(path), path, output, format))
      }
      if let foreign = folder.foreign.summary(used: files.count) {
        warnings.append("\(input.relativePath): \(foreign)")
      }
    }
    if jobs.isEmpty {
      throw FileError(
        path: output.relativePath,
        reason: "all images to translate are in it already; choose another output folder")
    }
    try Self.checkNames(of: jobs)
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
    jobs = [TranslationJob(input: input, output: output, format: format)]
    try Self.checkNames(of: jobs)
  }

  /// An image whose result would have the name of another's.
  package struct Clash: Sendable, Equatable {
    package let input: URL
    package let reason: String
  }

  private static func job(
    _ input: URL, _ relativePath: String, _ output: URL, _ format: TranslationFormat
  ) -> TranslationJob {
    let plain = output.appendingPathComponent(relativePath)
    let ownFormat = ImageFormat(pathExtension: input.pathExtension)
    let wanted: ImageFormat? =
      switch format {
      case .same: ownFormat
      case .only(let format): format
      }
    guard let wanted, wanted != ownFormat else {
      return TranslationJob(
        input: input, output: plain, format: format == .same ? nil : wanted)
    }
    let stem = ownFormat == nil ? plain : plain.deletingPathExtension()
    return TranslationJob(
      input: input, output: stem.appendingPathExtension(wanted.fileExtensions[0]),
      format: wanted)
  }

  private static func checkNames(of jobs: [TranslationJob]) throws(FileError) {
    let inputs = Set(jobs.map { $0.input.resolvingSymlinksInPath().path })
    for job in jobs where inputs.contains(job.output.resolvingSymlinksInPath().path) {
      throw FileError(
        path: job.output.relativePath, reason: "this is an input; choose another output folder")
    }
  }

  private mutating func takeOutClashes() {
    // By bytes: strings that differ only in how an accent is encoded are equal, but name two files.
    let jobsOfOutput = Dictionary(grouping: jobs) { Array($0.output.path.utf8) }
    func other(_ job: TranslationJob) -> TranslationJob? {
      let same = jobsOfOutput[Array(job.output.path.utf8)] ?? []
      return same.count < 2 ? nil : same[0] == job ? same[1] : same[0]
    }
    for job in jobs {
      guard let other = other(job) else { continue }
      clashes.append(
        Clash(
          input: job.input,
          reason:
            "\(job.output.relativePath) would be the result of \(other.input.relativePath) as well")
      )
    }
    jobs.removeAll { other($0) != nil }
  }
}
