import Foundation
import Synchronization
import Testing

@testable import Commands
@testable import Torch

@Suite struct ConsoleTests {
  @Test func resultsAndMessagesGoDifferentWays() {
    let recording = Recording()
    recording.console.result("out/a.png")
    recording.console.notice("saved")
    recording.console.warning("left out")
    recording.console.error("no more")
    #expect(recording.standardOutput == "out/a.png\n")
    #expect(recording.standardError == "saved\nwarning: left out\nerror: no more\n")
  }

  /// What libtorch says about failures, in one line each.
  @Test(arguments: [
    (
      "CUDA error: an illegal memory access was encountered\nFor debugging consider passing CUDA_LAUNCH_BLOCKING=1",
      "the GPU has failed: an illegal memory access was encountered; what was saved is intact, and training goes on "
        + "with --resume"
    ),
    (
      "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has",
      "out of memory: 2.5 GiB more was asked for; lower --batch-size"
    ),
    ("shapes differ\nand more", "add: shapes differ"),
  ])
  func failuresOfLibtorch(_ message: String, line: String) {
    let failure = TorchError(operation: "add", message: message)
    #expect(Console.explanation(of: failure, advice: "lower --batch-size") == line)
  }

  @Test func quietKeepsWarningsAndErrors() {
    let recording = Recording(isTerminal: true)
    recording.console.becomeQuiet()
    recording.console.notice("saved")
    recording.console.draw("step 1")
    recording.console.warning("left out")
    recording.console.error("no more")
    recording.console.result("a")
    #expect(recording.standardError == "warning: left out\nerror: no more\n")
    #expect(recording.standardOutput == "a\n")
  }

  @Test func messagesStandAboveTheLiveLine() {
    let recording = Recording(isTerminal: true)
    recording.console.draw("step 1")
    recording.console.warning("left out")
    recording.console.draw("step 2")
    recording.console.erase()
    recording.console.notice("saved")
    #expect(
      recording.standardError
        == "\r\u{1B}[Kstep 1" + "\r\u{1B}[Kwarning: left out\nstep 1" + "\r\u{1B}[Kstep 2"
        + "\r\u{1B}[K" + "saved\n")
  }

  /// Up to the upper line and clear it, after the lower one is cleared.
  @Test func twoLiveLinesAreTakenAwayTogether() {
    let recording = Recording(isTerminal: true)
    recording.console.draw(["step 1", "loss 2"])
    recording.console.warning("left out")
    recording.console.draw("step 2")
    let erased = "\r\u{1B}[K\u{1B}[A\u{1B}[K"
    #expect(
      recording.standardError
        == "\r\u{1B}[Kstep 1\nloss 2" + erased + "warning: left out\nstep 1\nloss 2" + erased
        + "step 2")
  }

  @Test func resultsMakeRoomForThemselves() {
    let recording = Recording(isTerminal: true)
    recording.console.draw("step 1")
    recording.console.result("a.png")
    #expect(recording.standardError == "\r\u{1B}[Kstep 1" + "\r\u{1B}[K" + "step 1")
  }

  @Test func nothingIsDrawnWithoutATerminal() {
    let recording = Recording()
    recording.console.draw("step 1")
    recording.console.erase()
    #expect(recording.standardError == "")
  }

  /// File names may hold anything but a slash and a zero.
  @Test(arguments: [
    ("plain, Grüße, 写真", "plain, Grüße, 写真"),
    ("a\nerror: b\r\tc", "a\\nerror: b\\r\\tc"),
    ("\u{1B}[31mred\u{7F}\u{9B}", "\\u{1b}[31mred\\u{7f}\\u{9b}"),
    // A line separator, and a mark that turns the direction of writing.
    ("\u{2028}\u{202E}", "\\u{2028}\\u{202e}"),
  ])
  func messagesCannotSteerTheTerminal(_ text: String, _ shown: String) {
    let recording = Recording()
    recording.console.error(text)
    #expect(recording.standardError == "error: \(shown)\n")
  }

  /// Names in files may have any length.
  @Test func endlessLinesEnd() {
    let recording = Recording()
    recording.console.error(String(repeating: "x", count: 1_000_000))
    #expect(
      recording.standardError == "error: " + String(repeating: "x", count: 49_993) + "...\n")
  }

  /// 7 bytes of "error: " and 24,996 letters of two bytes are 49,999; half of the next has no place.
  @Test func endlessLinesEndAfterWholeLetters() {
    let recording = Recording()
    recording.console.error(String(repeating: "é", count: 30_000))
    #expect(
      recording.standardError == "error: " + String(repeating: "é", count: 24_996) + "...\n")
  }

  /// A program gets results as they are; on a terminal they are lines that cannot steer it.
  @Test(arguments: [true, false]) func resultsCannotSteerTheTerminal(_ isTerminal: Bool) {
    let written = Mutex("")
    let output = TextOutput(isTerminal: isTerminal) { text in
      written.withLock { $0 += text }
      return nil
    }
    let console = Console(output: output, errors: output)
    console.resultText("a,\u{1B}[31m\nb\r\n")
    #expect(
      written.withLock { $0 }
        == (isTerminal ? "a,\\u{1b}[31m\nb\\r\n" : "a,\u{1B}[31m\nb\r\n"))
  }

  @Test func aReaderThatWentAwayIsNoFailure() {
    let recording = Recording(failure: .closed)
    recording.console.result("a")
    recording.console.result("b")
    #expect(recording.console.outputFailure == nil)
    // The first attempt is made, the others are not.
    #expect(recording.standardOutput == "a\n")
  }

  @Test func aFullDiskIsAFailure() {
    let recording = Recording(failure: .failed("No space left on device"))
    recording.console.result("a")
    #expect(recording.console.outputFailure == "No space left on device")
  }

  @Test func descriptorsReportTheSystemsWords() throws {
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let output = TextOutput(descriptor: full.fileDescriptor)
    #expect(output.write("a") == .failed(String(cString: strerror(ENOSPC))))
    #expect(!output.isTerminal)
    #expect(output.width() == 80)
  }

  /// More than a pipe holds, and one that does not wait: writes come back short, or with nothing done.
  @Test func longTextsArriveWhole() async throws {
    let pipe = Pipe()
    try #require(fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFL, O_NONBLOCK) == 0)
    let text = String(repeating: "0123456789", count: 100_000)
    let written = Task.detached {
      let failure = TextOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor).write(text)
      try pipe.fileHandleForWriting.close()
      return failure
    }
    let read = try #require(try pipe.fileHandleForReading.readToEnd())
    #expect(try await written.value == nil)
    #expect(String(decoding: read, as: UTF8.self) == text)
  }
}
