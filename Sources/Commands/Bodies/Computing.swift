import Foundation
import Torch

extension DeviceOptions {
  /// Prepares libtorch for the command and returns the device it computes on.
  ///
  /// From here on a failing operator ends the process with one `error:` line, as DESIGN.md has it.
  /// Throws `UsageError` for a device that is not there.
  func prepareDevice(_ console: Console) throws(UsageError) -> Device {
    TorchFailure.setHandler { error in
      console.erase()
      console.error(Self.explanation(of: error))
      exit(ExitCode.failure.rawValue)
    }
    Backend.setThreadCount(threads ?? ProcessInfo.processInfo.activeProcessorCount)
    do {
      return try Device(named: device.optionText)
    } catch {
      throw UsageError("--device: \(error)")
    }
  }

  /// Running out of memory is the one failure that a user can mend.
  private static func explanation(of error: TorchError) -> String {
    guard let bytes = error.bytesRefused else { return "\(error)" }
    let size = String(format: "%.1f GiB", Double(bytes) / 0x1p30)
    return "out of memory: \(size) more was asked for; \(memoryAdvice)"
  }
}

/// Threads for reading images: what was asked for, or one for each core.
func workerCount(_ asked: Int?) -> Int {
  asked ?? ProcessInfo.processInfo.activeProcessorCount
}
