import Files
import Foundation
import Reporting
import Synthesis
import Training
import Wording

extension RunOptions {
  /// What the page of a run says that its logs do not. Throws where its `config.json` cannot be read.
  /// - Parameter command: the words of the command that trains it: "dcgan train".
  static func description(of folder: RunFolder, command: String) throws -> RunDescription {
    let stored = try Request.Configuration.read(from: folder.configuration)
    var description = RunDescription(
      summary: summary(of: stored.record.domains), totalEpochs: stored.schedule.totalEpochs)
    description.facts = facts(about: stored) + [["Seed", "\(stored.seed)"]]
    if let threads = stored.record.threads { description.facts.append(["Threads", "\(threads)"]) }
    description.settings = settings(of: stored)
    description.changes = stored.record.changes
    let path = folder.url.relativePath
    let isComplete =
      (try? folder.progress()).map { $0.epoch > stored.schedule.totalEpochs } ?? false
    let further = isComplete ? ["--epochs", "\(stored.schedule.constantEpochs + 50)"] : []
    let title = isComplete ? "Train it further" : "Go on with it"
    description.commands =
      [.init(title: title, text: commandToGoOn(with: folder, command, further))]
      + uses.map { .init(title: $0.title, text: commandLine($0.command, [path] + $0.arguments)) }
    return description
  }

  /// The command that goes on with a run: "cyclegan train --name monet --resume".
  /// - Parameter further: options behind these.
  static func commandToGoOn(
    with folder: RunFolder, _ command: String, _ further: [String]
  ) -> String {
    let parent = folder.url.deletingLastPathComponent().relativePath
    let place =
      parent == RunCallOptions(name: "").checkpointsDirectory ? [] : ["--checkpoints-dir", parent]
    return commandLine(
      command, ["--name", folder.url.lastPathComponent] + place + ["--resume"] + further)
  }

  /// Options of the run whose values are not those that it would have without them.
  private static func settings(
    of stored: Request.Configuration
  ) -> [RunDescription.Setting] {
    var (usual, own) = (Self(), Self())
    usual.request = Request(usual.request.decided)
    own.request = Request(stored)
    return syntax.options.compactMap { option in
      guard let value = option.text(own), value != option.text(usual) else { return nil }
      return .init(name: option.name, value: value, usual: option.text(usual))
    }
  }

  /// "A = day (123 images), B = night (120)".
  private static func summary(of domains: [DomainRecord]) -> String {
    guard domains.count == 2 else {
      return domains.first.map { "\($0.name) (\(counted($0.images, "image")))" } ?? ""
    }
    return "A = \(domains[0].name) (\(counted(domains[0].images, "image"))), "
      + "B = \(domains[1].name) (\(grouped(domains[1].images)))"
  }
}

/// Does something with a run of any kind, for which its command's options are found.
///
/// - Parameter body: gets the options and the words of the command that trains the run. Called again for another kind
///   where it throws `RunError.otherKind`.
/// Throws `FileError` for a folder that is no run's, and what `body` throws.
func anyRun<R>(
  in folder: RunFolder, _ body: (_ options: any RunOptions.Type, _ command: String) throws -> R
) throws -> R {
  guard FileKind(of: folder.configuration) != nil else {
    throw FileError(
      path: folder.url.relativePath,
      reason: "this is not the folder of a run: it has no config.json")
  }
  do {
    return try body(TrainOptions.self, "train")
  } catch RunError.otherKind(_, let model) {
    switch model {
    case AutoencoderRunConfiguration.Model.autoencoder.rawValue:
      return try body(AutoencoderTrainOptions.self, "autoencoder train")
    case MLPKind.model.rawValue: return try body(MLPTrainOptions.self, "gan train")
    default: return try body(DCGANTrainOptions.self, "dcgan train")
    }
  }
}

/// As a shell reads it: "cyclegan translate 'my run' --overwrite".
private func commandLine(_ command: String, _ arguments: [String]) -> String {
  (["cyclegan", command] + arguments.map(shellWord)).joined(separator: " ")
}

private func shellWord(_ text: String) -> String {
  let isPlain = text.unicodeScalars.allSatisfy {
    $0.isASCII
      && ($0.properties.isAlphabetic || $0.properties.numericType != nil
        || "/._-+:,=@".unicodeScalars.contains($0))
  }
  return isPlain && !text.isEmpty ? text : "'\(text.replacingOccurrences(of: "'", with: "'\\''"))'"
}
