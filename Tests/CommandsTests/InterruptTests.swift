import Foundation
import Testing

@testable import Commands

/// Signals belong to a process, so each test has one of its own.
@Suite struct InterruptTests {
  /// Tests run on threads that do not take signals unless they are asked to; `main` does.
  private static func install() {
    Interrupt.install()
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  @Test func signalsAskForAnEnd() async {
    await #expect(processExitsWith: .exitCode(7)) {
      Self.install()
      let before = Interrupt.isRequested
      raise(SIGTERM)
      exit(!before && Interrupt.isRequested ? 7 : 1)
    }
    await #expect(processExitsWith: .exitCode(7)) {
      Self.install()
      raise(SIGINT)
      exit(Interrupt.isRequested ? 7 : 1)
    }
  }

  @Test func aSecondInterruptEndsAtOnce() async {
    await #expect(processExitsWith: .exitCode(130)) {
      Self.install()
      raise(SIGTERM)
      raise(SIGTERM)
      raise(SIGINT)
      exit(7)
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
