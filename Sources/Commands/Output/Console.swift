import Synchronization
import Wording

/// The one writer of a command: results to the standard output, all else to the standard error.
///
/// Any thread may write; lines never mix, and the live line of a terminal is drawn again below them.
final class Console: Sendable {
  private struct State {
    /// What stands on the terminal's last lines and is drawn over.
    var liveLines: [String] = []
    var isQuiet = false
    /// What warnings and errors begin with: "rank 1: ".
    var speaker = ""
    var givesResults = true
    var outputFailure: TextOutput.WriteFailure?
  }

  private let output: TextOutput
  private let errors: TextOutput
  private let state = Mutex(State())

  init(output: TextOutput = .standardOutput, errors: TextOutput = .standardError) {
    self.output = output
    self.errors = errors
  }

  /// Whether live lines can be drawn.
  var isInteractive: Bool { errors.isTerminal }

  /// Columns of the standard error's terminal.
  var width: Int { errors.width() }

  /// Keeps progress and notices back, but no warnings, errors or results.
  func becomeQuiet() {
    state.withLock { $0.isQuiet = true }
  }

  /// Keeps back all but warnings and errors, which name the process: another one speaks for all.
  func speak(forRank rank: Int) {
    state.withLock { state in
      state.isQuiet = true
      state.givesResults = false
      state.speaker = "rank \(rank): "
    }
  }

  /// Writes what a program would read, and ends the line.
  ///
  /// If nobody reads the standard output any more, the text is dropped without a word: the work goes on.
  func result(_ text: String) {
    resultText(text + "\n")
  }

  /// The same without ending the line. On a terminal each of its lines is one that cannot steer it; a program gets the
  /// text as it is.
  func resultText(_ text: String) {
    let shown =
      output.isTerminal
      ? text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        .map { printable(String($0)) }.joined(separator: "\n")
      : text
    state.withLock { state in
      guard state.givesResults, state.outputFailure == nil else { return }
      writeAroundLiveLine(state) { state.outputFailure = output.write(shown) }
    }
  }

  /// Why results did not arrive; `nil` also if their reader went away, which is the reader's choice.
  var outputFailure: String? {
    guard case .failed(let reason) = state.withLock({ $0.outputFailure }) else { return nil }
    return reason
  }

  /// A line for a person; not under `--quiet`.
  func notice(_ text: String) {
    state.withLock { state in
      guard !state.isQuiet else { return }
      writeLine(text, state)
    }
  }

  /// Something went wrong, but the work goes on.
  func warning(_ text: String) {
    state.withLock { writeLine("warning: \($0.speaker)\(text)", $0) }
  }

  /// The last line of a failure.
  func error(_ text: String) {
    state.withLock { state in
      writeLine("error: \(state.speaker)\(text)", state)
    }
  }

  /// A line that an error comes with; also under `--quiet`.
  func detail(_ text: String) {
    state.withLock { writeLine(text, $0) }
  }

  /// A text of several lines for a person who has to see it, such as the help after a mistake.
  func detailText(_ text: String) {
    state.withLock { state in writeAroundLiveLine(state) { _ = errors.write(text) } }
  }

  /// Draws lines over those drawn before them; only on a terminal, and not under `--quiet`.
  func draw(_ lines: [String]) {
    guard isInteractive else { return }
    state.withLock { state in
      guard !state.isQuiet else { return }
      let erasure = Self.erasure(of: state.liveLines)
      state.liveLines = lines.map(printable)
      _ = errors.write(erasure + state.liveLines.joined(separator: "\n"))
    }
  }

  func draw(_ line: String) { draw([line]) }

  /// Takes the live lines away; later lines begin in their place.
  func erase() {
    state.withLock { state in
      guard !state.liveLines.isEmpty else { return }
      _ = errors.write(Self.erasure(of: state.liveLines))
      state.liveLines = []
    }
  }

  /// In bytes. What is longer repeats a name in a file that somebody has made so; a list of a hundred classes is not.
  private static let longestLine = 50_000

  private func writeLine(_ text: String, _ state: State) {
    var shown = printable(text)
    if shown.utf8.count > Self.longestLine {
      var end = shown.utf8.index(shown.startIndex, offsetBy: Self.longestLine)
      // Back to where a character begins.
      while end.samePosition(in: shown.unicodeScalars) == nil { shown.utf8.formIndex(before: &end) }
      shown = shown[..<end] + "..."
    }
    writeAroundLiveLine(state) { _ = errors.write(shown + "\n") }
  }

  private func writeAroundLiveLine(_ state: State, _ write: () -> Void) {
    let lines = state.liveLines
    if !lines.isEmpty { _ = errors.write(Self.erasure(of: lines)) }
    write()
    if !lines.isEmpty { _ = errors.write(lines.joined(separator: "\n")) }
  }

  /// Back to the first column, and clear to the end of the line; the same for each line above (ECMA-48: EL, CUU).
  private static func erasure(of lines: [String]) -> String {
    "\r\u{1B}[K" + String(repeating: "\u{1B}[A\u{1B}[K", count: max(lines.count - 1, 0))
  }
}
