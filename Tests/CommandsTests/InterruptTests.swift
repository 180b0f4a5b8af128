import Files
import Foundation
import TestSupport
import Testing

@testable import Commands

/// Signals belong to a process, so each test has one of its own.
@Suite struct InterruptTests {
  /// Tests run on threads that do not take signals unless they are asked to; `main` does.
  private static func install(ignoring ignored: [Int32] = []) {
    // The tests themselves may run in the background of a shell, where interrupts are ignored.
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
      signal(number, ignored.contains(number) ? SIG_IGN : SIG_DFL)
    }
    Interrupt.install()
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGQUIT] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Sends a signal to this process as soon as `isReached`, and exits with 9 where it does not end
  /// within what a busy machine may need for it.
  private static func send(_ number: Int32, when isReached: @escaping @Sendable () -> Bool) {
    Thread.detachNewThread {
      while !isReached() { usleep(10_000) }
      kill(getpid(), number)
      sleep(20)
      _exit(9)
    }
  }

  /// Runs the tool in a folder of its own; the signal comes once the standard error has `text`.
  private static func interrupt(
    _ arguments: [String], in folder: String, after text: String
  ) -> Never {
    _ = FileManager.default.changeCurrentDirectoryPath(folder)
    let recording = Recording()
    install()
    send(SIGTERM) { recording.standardError.contains(text) }
    _exit(CommandLineTool.cyclegan.run(arguments, recording.context).rawValue)
  }

  private static func reasonAgainstWriting(_ count: Int, to path: String) -> String? {
    do {
      try replaceFile(at: URL(fileURLWithPath: path), with: Data(count: count))
      return nil
    } catch {
      return error.reason
    }
  }

  /// Lends a folder to the process of a test.
  private func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("cyclegan-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }

  @Test func workThatSavesIsAskedForAnEnd() async {
    for number in [SIGTERM, SIGINT, SIGHUP] {
      await #expect(processExitsWith: .exitCode(7)) { [number = number as Int32] in
        Self.install()
        Interrupt.saving {
          let before = Interrupt.isRequested
          raise(number)
          exit(!before && Interrupt.isRequested ? 7 : 1)
        }
      }
    }
  }

  @Test func whereNothingIsToBeSavedASignalEndsAtOnce() async {
    for number in [SIGTERM, SIGINT, SIGHUP] {
      await #expect(processExitsWith: .exitCode(130)) { [number = number as Int32] in
        Self.install()
        Interrupt.saving {}
        raise(number)
        exit(7)
      }
    }
  }

  @Test func aSecondSignalEndsAtOnce() async {
    for (first, second) in [(SIGTERM, SIGINT), (SIGINT, SIGTERM), (SIGTERM, SIGTERM)] {
      await #expect(processExitsWith: .exitCode(130)) {
        [first = first as Int32, second = second as Int32] in
        Self.install()
        Interrupt.saving {
          raise(first)
          usleep(150_000)
          raise(second)
        }
        exit(7)
      }
    }
  }

  /// `timeout` sends its signal to the process and right afterwards to the process's group; a lost terminal
  /// is told of by the kernel and by the shell.
  @Test func theSameSignalTwiceInAMomentIsOne() async {
    await #expect(processExitsWith: .exitCode(7)) {
      Self.install()
      Interrupt.saving {
        for number in [SIGTERM, SIGTERM, SIGHUP] { raise(number) }
        usleep(150_000)
        raise(SIGHUP)
      }
      exit(7)
    }
  }

  @Test func quitEndsAtOnceAndLeavesNoTemporaryFile() async throws {
    try await withFolder { folder in
      await #expect(processExitsWith: .exitCode(131)) { [path = folder.path as String] in
        Self.install()
        Interrupt.saving {
          let file = try? ReplacementFile(at: URL(fileURLWithPath: path + "/file"))
          let names = try? FileManager.default.contentsOfDirectory(atPath: path)
          guard file != nil, names?.count == 1 else { exit(8) }
          raise(SIGQUIT)
        }
        exit(7)
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(left == [])
    }
  }

  @Test func goodOrderMayTakeASecond() async {
    await #expect(processExitsWith: .exitCode(7)) {
      Self.install()
      Interrupt.finishing { _ = raise(SIGTERM) }
      exit(Interrupt.isRequested ? 7 : 1)
    }
    await #expect(processExitsWith: .exitCode(130)) {
      Self.install()
      Interrupt.finishing {
        Self.send(SIGTERM) { true }
        while true { sleep(1) }
      }
    }
  }

  /// As nohup, `trap '' INT` and shells start a process.
  @Test func whatIsIgnoredStaysIgnored() async {
    for number in [SIGHUP, SIGINT, SIGTERM, SIGQUIT] {
      await #expect(processExitsWith: .exitCode(7)) { [number = number as Int32] in
        Self.install(ignoring: [number])
        raise(number)
        exit(Interrupt.isRequested ? 1 : 7)
      }
    }
  }

  /// The largest size of a file is an error of the file, not the end of the process.
  @Test func aFileThatIsTooLargeIsAnError() async throws {
    try await withFolder { folder in
      await #expect(processExitsWith: .exitCode(7)) { [path = folder.path as String] in
        Self.install()
        var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        exit(Self.reasonAgainstWriting(2000, to: path + "/file") == "File too large" ? 7 : 1)
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(left == [])
    }
  }

  @Test func benchEnds() async {
    await #expect(processExitsWith: .exitCode(130)) {
      Self.install()
      Self.send(SIGTERM) { true }
      let arguments = [
        "bench", "--steps", "1000000", "--crop-size", "64", "--generator", "resnet6",
      ]
      exit(CommandLineTool.cyclegan.run(arguments, Recording().context).rawValue)
    }
  }

  @Test func theDemosDrawingEnds() async throws {
    try await withFolder { folder in
      await #expect(processExitsWith: .exitCode(130)) { [path = folder.path as String] in
        Self.interrupt(["demo", "--steps", "1"], in: path, after: "drawing landscapes")
      }
    }
  }

  @Test func theCheckOfTheDataEnds() async throws {
    try await withFolder { folder in
      try writeImages(1, to: folder.appendingPathComponent("a"), height: 64, width: 64)
      let b = folder.appendingPathComponent("b")
      let image = try writeImages(1, to: b, height: 2000, width: 2000)[0]
      for number in 1...300 {
        try FileManager.default.linkItem(at: image, to: b.appendingPathComponent("\(number).png"))
      }
      await #expect(processExitsWith: .exitCode(130)) { [path = folder.path as String] in
        Self.interrupt(["train", "a", "b", "--crop-size", "64"], in: path, after: "a: 1 image")
      }
      let runs = folder.appendingPathComponent("checkpoints")
      #expect(!FileManager.default.fileExists(atPath: runs.path))
    }
  }

  @Test func aClosedPipeIsAnErrorAndNoSignal() async {
    await #expect(processExitsWith: .exitCode(7)) {
      Interrupt.install()
      let pipe = Pipe()
      try pipe.fileHandleForReading.close()
      let failure = TextOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor).write("a")
      exit(failure == .closed ? 7 : 1)
    }
  }
}
