import CTorch
import Testing

@testable import Torch

struct TorchErrorTests {
  /// How libtorch puts it on the CPU (1.13 and 2.13) and on CUDA.
  @Test(arguments: [
    (
      "DefaultCPUAllocator: can't allocate memory: you tried to allocate 80000000000 bytes. Error",
      80_000_000_000
    ),
    ("CUDA out of memory. Tried to allocate 2.50 GiB (GPU 0; 8 GiB total)", 2_684_354_560),
    ("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has", 20_971_520),
  ])
  func memoryRefusedIsReadFromTheMessage(_ message: String, bytes: Int) {
    #expect(TorchError(operation: "x", message: message).bytesRefused == bytes)
  }

  @Test(arguments: [
    "", "you tried to allocate ", "you tried to allocate nan bytes", "shapes differ",
  ])
  func otherMessagesNameNoMemory(_ message: String) {
    #expect(TorchError(operation: "x", message: message).bytesRefused == nil)
  }

  /// As libtorch 2.11 puts it.
  private static let launchFailure =
    "CUDA error: unspecified launch failure\nCUDA kernel errors might be asynchronously reported at some other API call"

  @Test func aLostGPUIsToldFromItsMessage() {
    func words(_ message: String) -> String? {
      TorchError(operation: "add", message: message).lossOfGPU
    }
    #expect(words(Self.launchFailure) == "unspecified launch failure")
    #expect(words("CUDA error: out of memory\nCompile with") == nil)
    #expect(words("CUDA out of memory. Tried to allocate 2.50 GiB") == nil)
    #expect(words("sizes differ") == nil)
  }

  @Test func aSummaryIsOneLine() {
    #expect(
      TorchError(operation: "add", message: Self.launchFailure).summary
        == "add: CUDA error: unspecified launch failure")
  }

  @Test func theMessageOfARealRefusalIsUnderstood() {
    // An exabyte: no machine has it.
    let error = #expect(throws: TorchError.self) {
      _ = try attemptTensor("huge") { result, message in
        withSizes([1 << 58]) {
          ctorch_full(0, CTORCH_FLOAT32, $0, $1, Device.cpu.shimValue, result, message)
        }
      }
    }
    #expect(error?.bytesRefused == 1 << 60)
  }
}
