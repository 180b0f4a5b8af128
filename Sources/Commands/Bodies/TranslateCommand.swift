import Benchmarks
import Demo
import Foundation
import Models
import Synthesis
import Torch
import Training
import Translation

/// `cyclegan translate`: sends files and folders of images through a trained generator.
enum TranslateCommand {
  static func run(
    _ invocation: Invocation<TranslateOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let console = context.console
    let planned = try TranslationJob.plan(
      options.inputs.map { URL(fileURLWithPath: $0) }, output: URL(fileURLWithPath: options.output),
      format: options.format)
    let jobs = try withoutExistingResults(planned, options, console)

    let device = try options.compute.prepareDevice()
    let model = try TranslationModel(
      at: URL(fileURLWithPath: options.model), direction: options.direction)
    for notice in model.notices { console.notice("\(model.file.relativePath): \(notice)") }
    for notice in channelNotices(model.configuration) { console.notice(notice) }
    console.notice("translating \(jobs.count) of \(planned.count) with \(model.file.relativePath)")

    var settings = options.settings
    settings.device = device
    settings.workers = options.workers.count
    let failures = translate(jobs, with: Translator(model, settings: settings), context)
    if failures > 0 {
      console.error("\(failures) of \(jobs.count) images could not be translated")
    }
    if context.isInterrupted() { return .interrupted }
    return failures > 0 ? .failure : .success
  }

  /// - Returns: the number of images that failed.
  private static func translate(
    _ jobs: [TranslationJob], with translator: Translator, _ context: CommandContext
  ) -> Int {
    let console = context.console
    var display = ProgressDisplay(console: console, linesEvery: 100)
    var done = 0
    var failures = 0
    let times = translator.translate(jobs, shouldStop: context.isInterrupted) { event in
      switch event {
      case .written(let job): console.result(job.output.relativePath)
      case .failed(let job, let reason):
        failures += 1
        console.warning("\(job.input.relativePath): \(reason)")
      case .notice(let job, let text):
        console.notice("\(job.input.relativePath): \(text)")
        return
      case .progress(let job, let part):
        console.draw("\(job.input.relativePath): \(Int(part * 100)) %")
        return
      }
      done += 1
      display.advance([.init(name: "image", done: done, total: jobs.count)], units: 1)
    }
    display.finish()
    let total = times.total / .seconds(1)
    if done > failures && total > 0 {
      let share = Int((100 * (times.network / .seconds(1)) / total).rounded())
      console.notice(
        "translated \(done - failures) in \(ProgressFormat.duration(total)), \(share) % of it in "
          + "the network")
    }
    return failures
  }

  /// What happens to colors where a domain is gray.
  private static func channelNotices(_ configuration: GeneratorConfiguration) -> [String] {
    (configuration.inputChannels == 1
      ? ["the network takes gray images: colors are converted to gray"] : [])
      + (configuration.outputChannels == 1
        ? ["the network makes gray images: results are gray"] : [])
  }

  /// Nothing is overwritten unless that was asked for.
  private static func withoutExistingResults(
    _ jobs: [TranslationJob], _ options: TranslateOptions, _ console: Console
  ) throws -> [TranslationJob] {
    if options.overwrite { return jobs }
    let missing = jobs.filter { !FileManager.default.fileExists(atPath: $0.output.path) }
    if missing.count == jobs.count || options.skipExisting { return missing }
    let first = jobs.first { FileManager.default.fileExists(atPath: $0.output.path) }
    throw FileError(
      path: first?.output.relativePath ?? options.output,
      reason: "\(jobs.count - missing.count) of \(jobs.count) results exist already; use "
        + "--skip-existing or --overwrite")
  }
}
