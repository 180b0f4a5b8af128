import Benchmarks
import Demo
import Foundation
import Models
import Synthesis
import Training
import Translation

/// `cyclegan inspect`: what a run, a snapshot or a weights file holds.
enum InspectCommand {
  static func run(
    _ invocation: Invocation<InspectOptions>, _ context: CommandContext
  ) throws -> ExitCode {
    let inspection = try ModelInspection(of: URL(fileURLWithPath: invocation.options.model))
    context.console.resultText(
      invocation.options.json ? try json(inspection) + "\n" : text(inspection))
    return .success
  }

  private static func text(_ inspection: ModelInspection) -> String {
    var lines: [String] = []
    if let epoch = inspection.epoch, let step = inspection.step {
      lines.append("trained for \(step) steps, now in epoch \(epoch)")
    }
    for network in inspection.networks {
      lines.append("\(network.file): \(network.description)")
      lines.append("  \(network.tensors) tensors, \(network.parameters) parameters")
      if let multiple = network.sizeMultiple {
        lines.append("  translates images of any size, padded to multiples of \(multiple)")
      }
      if let convolutions = network.convolutions {
        lines.append("  convolutions on this CPU: \(convolutions)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
