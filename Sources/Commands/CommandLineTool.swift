import Files
import Foundation
import Machine
import Torch
import Wording

extension CommandLineTool {
  /// The tool with all its subcommands, in the order of the help.
  package static let cyclegan = CommandLineTool(
    name: "cyclegan", version: "0.1.0",
    discussion:
      "Translates images of one kind into another, trained on two folders of images without pairs, "
      + "and generates images from noise.",
    commands: [
      .command(DemoOptions.self, DemoCommand.run),
      .command(TrainOptions.self, TrainCommand.run),
      .command(TranslateOptions.self, TranslateCommand.run),
      .command(EvaluateOptions.self, EvaluateCommand.run),
      .gan(DCGANKind.self),
      .gan(MLPKind.self),
      .autoencoder,
      .command(BenchOptions.self, BenchCommand.run),
      .command(InspectOptions.self, InspectCommand.run),
      .command(ExportOptions.self, ExportCommand.run),
      .command(ReportOptions.self, ReportCommand.run),
      .command(CompletionOptions.self, CompletionCommand.run),
    ])
}

/// A tool made of subcommands, from its arguments to its exit code.
package struct CommandLineTool: Sendable {
  let name: String
  let version: String
  let discussion: String
  let commands: [Subcommand]

  /// Runs the command that `arguments`, without the tool's own name, ask for.
  ///
  /// - Returns: the process's exit code: 0, 1, 64 or 130. Everything there is to say has been written.
  package func run(_ arguments: [String]) -> Int32 {
    Interrupt.install()
    let console = Console()
    console.reportTorchFailures(advice: "close other programs")
    let context = CommandContext(console: console, isInterrupted: { Interrupt.isRequested })
    return run(arguments, context).rawValue
  }

  /// The same for the arguments as the system hands them over, the tool's own name first, a null pointer last.
  /// Those that are not UTF-8, as names of files may be, are refused: they would name other files.
  package func run(_ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32 {
    Self.fillStandardStreams()
    var decoded: [String] = []
    var next = arguments
    while let argument = next.pointee {
      guard let text = String(validatingCString: argument) else {
        Console().error(
          "the argument '\(Self.escaped(argument))' is not UTF-8; rename the file or folder")
        return ExitCode.usage.rawValue
      }
      decoded.append(text)
      next += 1
    }
    return run(Array(decoded.dropFirst()))
  }

  /// Where a standard stream is closed, the next file that is opened would get its number, and what is said.
  private static func fillStandardStreams() {
    for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 {
      _ = open("/dev/null", stream == STDIN_FILENO ? O_RDONLY : O_WRONLY)
    }
  }

  /// ASCII as it is, other bytes by their numbers.
  private static func escaped(_ argument: UnsafePointer<CChar>) -> String {
    UnsafeBufferPointer(start: argument, count: strlen(argument)).map { byte in
      (0x20..<0x7f).contains(byte)
        ? String(UnicodeScalar(UInt8(byte))) : String(format: "\\x%02x", UInt8(bitPattern: byte))
    }.joined()
  }

  func run(_ arguments: [String], _ context: CommandContext) -> ExitCode {
    let console = context.console
    guard let currentFolder = getcwd(nil, 0) else {
      console.error("the current folder: \(String(cString: strerror(errno)))")
      return .failure
    }
    free(currentFolder)
    do {
      let code = try carryOut(arguments, context)
      console.erase()
      if let reason = console.outputFailure {
        console.error("standard output: \(reason)")
        return .failure
      }
      return code
    } catch let error as UsageError {
      if let hint = error.hint { console.detail(hint) }
      console.error(error.description)
      return .usage
    } catch is CancellationError {
      console.erase()
      return .interrupted
    } catch {
      report(error, to: console)
      return .failure
    }
  }

  private func carryOut(_ arguments: [String], _ context: CommandContext) throws -> ExitCode {
    let dispatcher = Dispatcher(path: name, commands: commands)
    switch arguments.first {
    case nil:
      context.console.detailText(overview + "\n")
      throw UsageError("a command is needed, such as '\(name) \(commands[0].name)'")
    case "--version", "-V":
      context.console.result("\(name) \(version)\n\(Self.libraries)")
      return .success
    case "help" where arguments.dropFirst() == ["--man"]:
      context.console.resultText(ManualPage(self).text)
      return .success
    case "help":
      let words = arguments.dropFirst().prefix { !$0.hasPrefix("-") }
      context.console.resultText(try dispatcher.help(for: words) ?? overview)
      return .success
    default: break
    }
    let beforeSeparator = arguments.prefix { $0 != "--" }
    if beforeSeparator.contains(where: { $0 == "--help" || $0 == "-h" }) {
      let words = beforeSeparator.prefix { !$0.hasPrefix("-") }
      context.console.resultText(try dispatcher.help(for: words) ?? overview)
      return .success
    }
    return try dispatcher.run(arguments, context)
  }

  /// "libtorch 1.13.1, oneDNN 2.6.3; computes on cpu with 2 threads".
  private static var libraries: String {
    let libraries = ["libtorch \(Backend.version)", Backend.convolutionLibrary].compactMap { $0 }
    return libraries.joined(separator: ", ")
      + "; computes on \((try? Device(named: "auto")) ?? .cpu) with "
      + counted(availableCores(), "thread")
  }

  /// The last line of a failure is one line; what an error says beyond its first line stands above it.
  private func report(_ error: any Error, to console: Console) {
    console.erase()
    // Foundation's own text names its types.
    let isFoundations = error is CocoaError || error is POSIXError
    let text = isFoundations ? systemWords(for: error) : "\(error)"
    let lines = text.split(separator: "\n")
    for line in lines.dropFirst() { console.detail(String(line)) }
    console.error(String(lines.first ?? "unknown failure"))
  }

  private var overview: String {
    HelpScreen.overview(path: name, discussion: discussion, commands: commands.map(\.listing))
  }
}

/// How the tool ends, for whoever started it.
enum ExitCode: Int32, Sendable {
  case success = 0
  case failure = 1
  /// The command line was wrong; `EX_USAGE` of sysexits.h.
  case usage = 64
  /// Stopped by SIGINT or SIGTERM after saving; 128 + SIGINT, as shells count.
  case interrupted = 130
  /// Stopped at once by SIGQUIT; 128 + SIGQUIT.
  case quit = 131
}
