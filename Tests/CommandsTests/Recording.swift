import Machine
import Synchronization

@testable import Commands

/// A console whose two outputs are kept in memory.
struct Recording: Sendable {
  /// One output's text so far.
  private final class Sink: Sendable {
    private let written = Mutex("")
    var text: String { written.withLock { $0 } }
    func append(_ more: String) { written.withLock { $0 += more } }
  }

  let console: Console
  private let results: Sink
  private let messages: Sink

  /// - Parameter failure: what each write to the standard output answers.
  init(isTerminal: Bool = false, width: Int = 80, failure: TextOutput.WriteFailure? = nil) {
    let results = Sink()
    let messages = Sink()
    console = Console(
      output: TextOutput(isTerminal: false) { text in
        results.append(text)
        return failure
      },
      errors: TextOutput(isTerminal: isTerminal, width: width) { text in
        messages.append(text)
        return nil
      })
    self.results = results
    self.messages = messages
  }

  var standardOutput: String { results.text }
  var standardError: String { messages.text }

  /// For bodies and tools; nobody interrupts.
  var context: CommandContext { context(launchedWith: [:]) }

  /// - Parameter variables: of the environment.
  func context(launchedWith variables: [String: String]) -> CommandContext {
    CommandContext(
      console: console, isInterrupted: { false }, launch: LaunchVariables(variables))
  }
}
