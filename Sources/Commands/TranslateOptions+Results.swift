import Files
import Foundation
import Imaging
import Translation

// What results are called, and which way they go.
extension TranslateOptions {
  /// A weights file goes one way, which its name may tell.
  func checkDirection(_ given: Set<String>) throws(UsageError) {
    let file = URL(fileURLWithPath: models[0])
    guard given.contains("direction"), FileKind(of: file) == .file else { return }
    for other in TranslationDirection.allCases
    where other != direction && file.lastPathComponent.contains("net_\(other.generatorName)") {
      throw UsageError(
        "--direction: \(models[0]) translates \(other.rawValue) and no other way; leave it out")
    }
  }

  /// What one input's result is to be called; `nil` if `output` is a folder.
  private var resultFormat: ImageFormat? {
    let isFolder = output.hasSuffix("/") || FileKind(of: URL(fileURLWithPath: output)) == .folder
    return isFolder ? nil : ImageFormat(pathExtension: URL(fileURLWithPath: output).pathExtension)
  }

  var readsPipe: Bool { inputs.contains(ImagePipe.name) }
  var writesPipe: Bool { output == ImagePipe.name }

  /// Whether the one input has a result of another name.
  var isForOneFile: Bool { resultFormat != nil || readsPipe || writesPipe }

  func checkOutput() throws(UsageError) {
    guard isForOneFile else { return }
    let isOneFile =
      inputs.count == 1 && list == nil && FileKind(of: URL(fileURLWithPath: inputs[0])) != .folder
    guard isOneFile else {
      throw UsageError(
        readsPipe || writesPipe
          ? "-: a pipe has one image, and nothing beside it"
          : "--output: \(output) is the name of a file, for several results; name a folder")
    }
    if readsPipe || writesPipe, gallery != nil || confidence != nil {
      throw UsageError("-: a pipe has no name that --gallery and --confidence could use")
    }
    if writesPipe, isatty(STDOUT_FILENO) == 1 {
      throw UsageError("--output: - is a terminal here, which shows no image; name a file")
    }
    if readsPipe, resultFormat == nil, !writesPipe {
      throw UsageError("--output: the image from a pipe has no name; name a file, or - for a pipe")
    }
    if let resultFormat, case .only(let format) = format, format != resultFormat {
      throw UsageError(
        "--format: \(format.rawValue) is not what \(output) is called; leave out one of the two")
    }
  }

  /// The images of a shard and their results; a pipe's go through files of `pipe`.
  func plan(_ pipe: ImagePipe?, _ shard: Shard) throws -> TranslationPlan {
    guard isForOneFile else {
      let list = try list.map { path throws(FileError) in try InputList(at: path) }
      return try TranslationPlan(
        inputs.map { URL(fileURLWithPath: $0) }, list: list, output: URL(fileURLWithPath: output),
        format: format, shard: shard, strict: strict)
    }
    var asked = resultFormat
    if case .only(let format) = format { asked = format }
    let input = readsPipe ? try pipe?.receive() : nil
    return try TranslationPlan(
      input ?? URL(fileURLWithPath: inputs[0]),
      to: writesPipe ? pipe?.result ?? URL(fileURLWithPath: output) : URL(fileURLWithPath: output),
      format: asked)
  }
}
