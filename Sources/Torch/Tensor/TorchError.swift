import CTorch
import Synchronization

/// What libtorch said when an operation failed, with our name for the operation and its operands.
package struct TorchError: Error, Sendable, CustomStringConvertible {
  package let operation: String
  package let message: String

  package var description: String { "\(operation): \(message)" }

  /// Without what libtorch says after it about finding mistakes in programs.
  package var summary: String {
    "\(operation): \(message.prefix { !$0.isNewline })"
  }

  /// Why the GPU computes nothing any more for this process, in the driver's words, such as "unspecified launch
  /// failure"; `nil` for other failures. Running out of memory is none of these.
  package var lossOfGPU: String? {
    guard let found = message.firstRange(of: "CUDA error: ") else { return nil }
    let words = message[found.upperBound...].prefix { !$0.isNewline }
    return words.hasPrefix("out of memory") ? nil : String(words)
  }

  /// The bytes asked for, if libtorch ran out of memory; read from its message, because 1.13 has no
  /// error type of its own for the CPU's memory.
  package var bytesRefused: Int? {
    for opening in ["you tried to allocate ", "Tried to allocate "] {
      guard let found = message.firstRange(of: opening) else { continue }
      let words = message[found.upperBound...].split(separator: " ", maxSplits: 2)
      guard let number = words.first.flatMap({ Double($0) }), number.isFinite else { continue }
      let unit = words.dropFirst().first.map(String.init) ?? "bytes"
      let factor =
        unit.hasPrefix("GiB")
        ? 0x1p30 : unit.hasPrefix("MiB") ? 0x1p20 : unit.hasPrefix("KiB") ? 0x1p10 : 1
      return Int(exactly: (number * factor).rounded())
    }
    return nil
  }
}

/// What happens when an operator fails: operators do not throw, because a shape that does not fit is a
/// mistake in this program, and what else goes wrong (no memory, a lost device) ends the run anyway.
package enum TorchFailure {
  package typealias Handler = @Sendable (TorchError) -> Never

  private static let handler = Mutex<Handler>({ fatalError($0.description) })

  /// Replaces the handler of the whole process; the first one traps.
  package static func setHandler(_ newHandler: @escaping Handler) {
    handler.withLock { $0 = newHandler }
  }

  static func handle(_ error: TorchError) -> Never {
    let current = handler.withLock { $0 }
    current(error)
  }
}

typealias ShimMessage = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
typealias ShimResult = UnsafeMutablePointer<OpaquePointer?>

/// Runs one call of the shim and turns its status into an error.
func attempt(
  _ operation: @autoclosure () -> String, _ call: (ShimMessage) -> ctorch_status
) throws(TorchError) {
  Backend.initialize()
  var message: UnsafeMutablePointer<CChar>?
  if call(&message) == CTORCH_OK { return }
  defer { ctorch_free(message) }
  throw TorchError(
    operation: operation(), message: message.map { String(cString: $0) } ?? "no message")
}

/// The same for calls that hand out a tensor.
func attemptTensor(
  _ operation: @autoclosure () -> String, _ call: (ShimResult, ShimMessage) -> ctorch_status
) throws(TorchError) -> Tensor {
  var result: OpaquePointer?
  try attempt(operation()) { call(&result, $0) }
  guard let result else {
    throw TorchError(operation: operation(), message: "libtorch returned no tensor")
  }
  return Tensor(handle: TensorHandle(adopting: result))
}

/// The form for operators: a failure goes to the process's handler and never returns.
func attemptOrFail(
  _ operation: @autoclosure () -> String, _ call: (ShimMessage) -> ctorch_status
) {
  do { try attempt(operation(), call) } catch { TorchFailure.handle(error) }
}

func tensorOrFail(
  _ operation: @autoclosure () -> String, _ call: (ShimResult, ShimMessage) -> ctorch_status
) -> Tensor {
  do { return try attemptTensor(operation(), call) } catch { TorchFailure.handle(error) }
}
