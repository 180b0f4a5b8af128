import Benchmarks
import Demo
import Foundation
import Synthesis
import Torch
import Training
import Translation

/// `cyclegan train`: starts a run, or goes on with one.
enum TrainCommand {
  static func run(
    _ invocation: Invocation<TrainOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    try train(CycleGANTask.self, invocation, command: "train", context)
  }

  /// The body of every command that trains.
  /// - Parameter command: its words after the tool's name: "train".
  static func train<Task: TrainingTask, Options: RunOptions>(
    _ task: Task.Type, _ invocation: Invocation<Options>, command: String,
    _ context: CommandContext
  ) throws -> ExitCode where Task.Configuration == Options.Configuration {
    var options = invocation.options
    let root = URL(fileURLWithPath: options.checkpointsDirectory)
    let folder = RunFolder(root.appendingPathComponent(options.name))
    if options.resume {
      let stored = try Options.Configuration.read(from: folder.configuration)
      try options.adopt(stored, given: invocation.given)
    } else if folder.hasSnapshot {
      throw UsageError(
        "--name: \(folder.url.relativePath) holds a run already; go on with it by --resume, or "
          + "choose another name")
    }
    options.makeDataAbsolute()

    var settings = RunSettings(
      folder: folder, device: try options.compute.prepareDevice(),
      workers: options.workers.count)
    settings.saveEvery = options.saveEvery
    settings.logEvery = options.logEvery
    settings.sampleEvery = options.sampleEvery
    settings.cache = options.cache
    settings.initialWeights = options.initFrom.map { URL(fileURLWithPath: $0) }

    let reporter = TrainingReporter(context.console, linesEvery: options.logEvery)
    let run = try TrainingRun<Task>(
      configuration: options.configuration, settings: settings, resuming: options.resume,
      report: reporter.report)
    let outcome = try Interrupt.saving { try run.train(shouldStop: context.isInterrupted) }
    reporter.finish()
    context.console.result(folder.latest.relativePath)
    guard outcome == .interrupted else { return .success }
    context.console.notice(
      "interrupted; go on with: cyclegan \(command) --name \(options.name) --resume")
    return .interrupted
  }
}

/// The path from the root of the file system.
func absolutePath(_ path: String) -> String {
  URL(fileURLWithPath: path).standardizedFileURL.path
}
