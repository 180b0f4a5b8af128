import Foundation
import Torch
import Wording

extension Console {
  /// From here on a failing operator of libtorch ends the process with one `error:` line.
  ///
  /// - Parameter advice: what to do when memory runs out, the one failure that a user can mend.
  func reportTorchFailures(advice: String) {
    TorchFailure.setHandler { failure in
      self.erase()
      self.error(Self.explanation(of: failure, advice: advice))
      exit(ExitCode.failure.rawValue)
    }
  }

  /// Says why part of the work takes one thread, where it does.
  func warnAboutLoops() {
    if let reason = Backend.loopObstacle {
      warning("the loops over feature maps run on one thread: \(reason)")
    }
  }

  /// In one line.
  static func explanation(of failure: TorchError, advice: String) -> String {
    if let words = failure.lossOfGPU {
      return
        "the GPU has failed: \(words); what was saved is intact, and training goes on with --resume"
    }
    guard let bytes = failure.bytesRefused else { return failure.summary }
    let size = memorySize(Int(bytes))
    return "out of memory: \(size) more was asked for; \(advice)"
  }
}
