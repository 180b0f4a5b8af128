import CTorch
import Foundation
import Testing

/// Every function of the shim turns a failure into a status and a message: STYLE's one guarded door.
struct GuardedDoorTests {
  /// Whatever they are given, there is nothing in them to fail.
  private static let cannotFail: Set = [
    "ctorch_gradient", "ctorch_drop_gradient", "ctorch_seed_dropout",
  ]
  /// They need a group of processes; see ProcessGroupTests.
  private static let ofProcesses: Set = [
    "ctorch_processes_begin_sum", "ctorch_pending_sum_finish",
    "ctorch_processes_sum_differentiably", "ctorch_processes_sum_numbers",
    "ctorch_processes_broadcast", "ctorch_processes_post", "ctorch_processes_posted",
  ]

  @Test(arguments: BadCall.all + BadCall.others)
  func badArgumentGivesAMessageAndNoResult(_ bad: BadCall) {
    var result: OpaquePointer?
    var message: UnsafeMutablePointer<CChar>?
    let status = bad.call(&result, &message)
    #expect(status == CTORCH_FAILED)
    #expect(result == nil)
    let text = message.map { String(cString: $0) } ?? ""
    ctorch_free(message)
    #expect(!text.isEmpty)
    // The two openings that libtorch gives the lines of a backtrace.
    #expect(!text.contains("frame #"))
    #expect(!text.contains("Exception raised from"))
  }

  @Test func everyFunctionWithAStatusIsCalled() throws {
    let header = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/CTorch/include/ctorch.h")
    let declared = try String(contentsOf: header, encoding: .utf8)
      .matches(of: /ctorch_status (ctorch_\w+)\(/).map { String($0.1) }
    let called = BadCall.all.map(\.function)
    #expect(declared.count > 40)
    #expect(Set(declared) == Set(called).union(Self.cannotFail).union(Self.ofProcesses))
    #expect(Set(called).count == called.count)
  }

  @Test func successLeavesNoMessage() {
    var result: OpaquePointer?
    // Whatever was there before is overwritten, not read.
    var message: UnsafeMutablePointer<CChar>? = UnsafeMutablePointer(bitPattern: 8)
    let status = withTensor([2]) { ctorch_abs($0, &result, &message) }
    #expect(status == CTORCH_OK)
    #expect(message == nil)
    #expect(result != nil)
    ctorch_tensor_release(result)
  }

  @Test func aTensorWithoutGradientHasNone() {
    var result: OpaquePointer? = OpaquePointer(bitPattern: 8)
    var message: UnsafeMutablePointer<CChar>?
    let status = withTensor([2]) { ctorch_gradient($0, &result, &message) }
    #expect(status == CTORCH_OK)
    #expect(result == nil)
  }
}
