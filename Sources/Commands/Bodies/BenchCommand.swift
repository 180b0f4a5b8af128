import Benchmarks
import Demo
import Foundation
import Synthesis
import Torch
import Training
import Translation

/// `cyclegan bench`: times one training step and one forward pass, or the reading of images, as JSON.
enum BenchCommand {
  static func run(
    _ invocation: Invocation<BenchOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    if let images = options.images {
      Backend.setThreadCount(1)
      let result = try LoadingBenchmark(
        folder: URL(fileURLWithPath: images), data: options.configuration.data,
        passes: options.steps
      ).run(shouldStop: context.isInterrupted)
      context.console.result(try json(result))
      return .success
    }
    let device = try options.compute.prepareDevice()
    if options.network == .dcgan {
      let result = try GANBenchmark(
        size: options.cropSize, batchSize: options.batchSize, precision: options.precision,
        device: device, steps: options.steps
      ).run(shouldStop: context.isInterrupted)
      context.console.result(try json(result))
      return .success
    }
    let result = try Benchmark(
      configuration: options.configuration, device: device, steps: options.steps
    ).run(shouldStop: context.isInterrupted)
    context.console.result(try json(result))
    return .success
  }
}

/// Readable JSON with sorted keys.
func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
