import Foundation
import Machine
import Testing

@testable import Torch

struct BackendTests {
  /// Whichever thread comes first, and whether a command has set the number before: with another one, sums come in
  /// another order.
  @Test func everyThreadComputesOnAllCores() async {
    for _ in 0..<2 {
      let count = await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: Backend.threadCount) }.start()
      }
      #expect(count == availableCores())
    }
  }
}
