import Datasets
import Files
import Foundation
import Imaging

/// One image to translate and where the result goes.
package struct TranslationJob: Sendable, Equatable {
  package let input: URL
  package let output: URL
  /// `nil` for that of the input's content, whatever its name says.
  let format: ImageFormat?
}

/// What the results are written as.
package enum TranslationFormat: Sendable, Hashable {
  /// As their inputs.
  case same
  case only(ImageFormat)
}

extension TranslationFormat: CaseIterable, RawRepresentable {
  package static let allCases = [.same] + ImageFormat.allCases.map(TranslationFormat.only)

  /// "same" or the format's word.
  package init?(rawValue: String) {
    guard let match = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = match
  }

  package var rawValue: String {
    switch self {
    case .same: "same"
    case .only(let format): format.rawValue
    }
  }
}

extension TranslationJob {
  /// The jobs for files and folders: a file keeps its name, a folder's images their paths in it.
  ///
  /// Images inside the output folder are passed over, so that a second run does not translate the
  /// results of the first. Throws `FileError` for an input that is missing or empty, and where two
  /// results would have one name, a result would replace an input or nothing is left to translate.
  package static func plan(
    _ inputs: [URL], output: URL, format: TranslationFormat
  ) throws(FileError) -> [TranslationJob] {
    var jobs: [TranslationJob] = []
    let outputPath = output.standardizedFileURL.resolvingSymlinksInPath().path
    for input in inputs {
      guard let kind = FileKind(of: input) else {
        throw FileError(path: input.relativePath, reason: "there is no such file or folder")
      }
      if kind == .folder {
        let folder = try ImageFolder(scanning: input)
        for relativePath in folder.relativePaths {
          let file = input.appendingPathComponent(relativePath)
          if file.resolvingSymlinksInPath().path.hasPrefix(outputPath + "/") { continue }
          jobs.append(job(file, relativePath, output, format))
        }
      } else {
        jobs.append(job(input, input.lastPathComponent, output, format))
      }
    }
    if jobs.isEmpty {
      throw FileError(
        path: output.relativePath,
        reason: "all images to translate are in it already; choose another output folder")
    }
    try checkNames(of: jobs)
    return jobs
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
    // By bytes: strings that differ only in how an accent is encoded are equal, but name two files.
    var inputOfOutput: [[UInt8]: URL] = [:]
    let inputs = Set(jobs.map { $0.input.resolvingSymlinksInPath().path })
    for job in jobs {
      if let other = inputOfOutput.updateValue(job.input, forKey: Array(job.output.path.utf8)) {
        throw FileError(
          path: job.output.relativePath,
          reason: "both \(other.relativePath) and \(job.input.relativePath) would be written to it")
      }
      if inputs.contains(job.output.resolvingSymlinksInPath().path) {
        throw FileError(
          path: job.output.relativePath, reason: "this is an input; choose another output folder")
      }
    }
  }
}
