import Foundation
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
  ) throws -> ExitCode where Task.Request == Options.Request {
    var options = invocation.options
    let call = options.call
    let folder = options.folder
    let console = context.console
    if call.resume {
      do {
        try options.adopt(
          Options.Request.Configuration.read(from: folder.configuration), given: invocation.given)
      } catch let error as RunError {
        throw explained(error)
      }
    }
    options.makeDataAbsolute()

    var settings = RunSettings(
      folder: folder, device: try options.compute.prepareDevice(),
      workers: options.workers.count)
    settings.cache = options.cache
    settings.maximumSteps = call.maximumSteps
    settings.initialWeights = call.initFrom.map { URL(fileURLWithPath: $0) }

    let reporter = TrainingReporter(console, linesEvery: options.configuration.schedule.logEvery)
    let outcome: RunOutcome
    do {
      let start = try TrainingRun<Task>.prepare(
        options.request, settings: settings, resuming: call.resume,
        shouldStop: context.isInterrupted, report: reporter.report)
      switch start {
      case .nothingLeft(let found): outcome = found
      case .ready(let run):
        outcome = try Interrupt.saving { try run.train(shouldStop: context.isInterrupted) }
      }
    } catch is CancellationError {
      console.erase()
      console.notice("interrupted before the first step; nothing is saved")
      return .interrupted
    } catch {
      throw explained(error)
    }
    reporter.finish()
    console.result(folder.latest.relativePath)
    switch outcome {
    case .finished: return .success
    case .interrupted:
      console.notice(
        "interrupted; go on with: cyclegan \(command) --name \(call.name) --resume")
      return .interrupted
    case .complete(let epochs):
      console.notice(
        "the run is complete after \(epochs) epochs; --epochs or --decay-epochs goes further")
    case .reachedMaximum(let steps):
      console.notice(
        "the run has taken \(steps) steps already; leave out --steps, or raise it, to go further")
    }
    return .success
  }
}

/// The path from the root of the file system.
func absolutePath(_ path: String) -> String {
  URL(fileURLWithPath: path).standardizedFileURL.path
}
