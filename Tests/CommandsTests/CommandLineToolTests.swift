import Testing
import Torch

@testable import Commands

/// From arguments to exit codes and the two outputs, with bodies that only say they were called.
@Suite struct CommandLineToolTests {
  private struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let tool = CommandLineTool(
    name: "tool", version: "1.2.3", discussion: "Does things.",
    commands: [
      .command(DemoOptions.self) { invocation, context in
        context.console.notice("working")
        context.console.result("seed \(invocation.options.seed)")
        return .success
      },
      .command(InspectOptions.self) { invocation, context in
        switch invocation.options.model {
        case "interrupted": return .interrupted
        case "usage": throw UsageError("--json: not here")
        default:
          context.console.draw("reading")
          throw Failure(description: "m\u{7}: does not fit\n  missing a\n  missing b")
        }
      },
      .group(
        "more", "further things",
        [
          .command(BenchOptions.self) { _, context in
            context.console.result("nested")
            return .success
          }
        ]),
    ])

  private func run(
    _ line: String, _ recording: Recording = Recording()
  ) -> (code: ExitCode, output: String, errors: String) {
    let code = tool.run(line.split(separator: " ").map(String.init), recording.context)
    return (code, recording.standardOutput, recording.standardError)
  }

  @Test func exitCodesAreTheContract() {
    #expect(ExitCode.success.rawValue == 0)
    #expect(ExitCode.failure.rawValue == 1)
    #expect(ExitCode.usage.rawValue == 64)
    #expect(ExitCode.interrupted.rawValue == 130)
  }

  @Test func bodiesGetTheirOptions() {
    let (code, output, errors) = run("demo --seed 5")
    #expect(code == .success)
    #expect(output == "seed 5\n")
    #expect(errors == "working\n")
  }

  @Test func quietReachesTheConsole() {
    let (code, output, errors) = run("demo --quiet")
    #expect(code == .success)
    #expect(output == "seed 0\n")
    #expect(errors == "")
  }

  @Test func interruptedBodiesExitSo() {
    #expect(run("inspect interrupted").code == .interrupted)
  }

  @Test func aFailuresLastLineIsItsFirst() {
    let (code, output, errors) = run("inspect m", Recording(isTerminal: true))
    #expect(code == .failure)
    #expect(output == "")
    #expect(
      errors == "\r\u{1B}[Kreading\r\u{1B}[K" + "  missing a\n  missing b\n"
        + "error: m\\u{7}: does not fit\n")
  }

  @Test func bodiesCanFindTheUsageWrongToo() {
    let (code, _, errors) = run("inspect usage")
    #expect(code == .usage)
    #expect(errors == "error: --json: not here\n")
  }

  @Test(arguments: [
    ("dmeo", "error: unknown command 'dmeo'; did you mean 'demo'?\n"),
    ("xyz", "error: unknown command 'xyz'; 'tool --help' lists the commands\n"),
    ("--verbose", "error: unknown option '--verbose'; 'tool --help' lists the commands\n"),
    ("more bnech", "error: unknown command 'bnech'; did you mean 'bench'?\n"),
    ("help xyz", "error: unknown command 'xyz'; 'tool --help' lists the commands\n"),
    ("demo --steps 0", "error: --steps: 0 is out of range; it must be at least 1\n"),
    ("inspect", "usage: tool inspect <model> [options]\nerror: <model> is missing\n"),
  ])
  func mistakesExitWith64(_ line: String, _ errors: String) {
    let found = run(line)
    #expect(found.code == .usage)
    #expect(found.output == "")
    #expect(found.errors == errors)
  }

  @Test func aGroupAloneListsItsCommands() {
    let found = run("more")
    #expect(found.code == .usage)
    #expect(found.errors.hasPrefix("usage: tool more <command> [options]\n"))
    #expect(found.errors.hasSuffix("\nerror: tool more needs a command\n"))
  }

  @Test func noCommandShowsTheOverview() {
    let found = run("")
    #expect(found.code == .usage)
    #expect(found.output == "")
    #expect(found.errors == overview + "\nerror: a command is needed, such as 'tool demo'\n")
  }

  private let overview = """
    usage: tool <command> [options]

    Does things.

    commands:
      demo     draws two small sets of images, trains on them and shows the result
      inspect  shows what a run or a weights file holds
      more     further things

    'tool <command> --help' shows the options of a command and their defaults.

    """

  @Test(arguments: ["--help", "-h", "help", "help --help"])
  func helpShowsTheOverview(_ line: String) {
    let found = run(line)
    #expect(found.code == .success)
    #expect(found.output == overview)
    #expect(found.errors == "")
  }

  /// A mistake beside it does not keep the help away.
  @Test(arguments: [
    "inspect --help", "inspect -h", "help inspect", "inspect x --jsn --help", "--help inspect",
  ])
  func everyCommandHasHelp(_ line: String) {
    let found = run(line)
    #expect(found.code == .success)
    let expected = line == "--help inspect" ? "tool <command>" : "tool inspect <model>"
    #expect(found.output.hasPrefix("usage: \(expected) [options]\n"))
  }

  @Test func groupsNest() {
    #expect(run("more bench").output == "nested\n")
    #expect(run("more --help").output.hasPrefix("usage: tool more <command> [options]\n"))
    #expect(run("more bench -h").output.hasPrefix("usage: tool more bench [options]\n"))
    #expect(run("help more bench").output.hasPrefix("usage: tool more bench [options]\n"))
  }

  @Test func afterTwoDashesHelpIsAnArgument() {
    #expect(run("inspect -- --help").code == .failure)
  }

  @Test func version() {
    for option in ["--version", "-V"] {
      let found = run(option)
      #expect(found.code == .success)
      #expect(found.output.hasPrefix("tool 1.2.3\nlibtorch \(Backend.version)"))
    }
  }

  @Test func lostResultsAreAFailure() {
    let found = run("demo", Recording(failure: .failed("No space left on device")))
    #expect(found.code == .failure)
    #expect(found.errors == "working\nerror: standard output: No space left on device\n")
    #expect(run("demo", Recording(failure: .closed)).code == .success)
  }
}
