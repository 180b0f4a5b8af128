// What the reader of PyTorch's files does with one input: libFuzzer's entry point. The reader's own sources are
// compiled with it, without libtorch, in whose place stands the little that they need of a tensor.

import Files
import Foundation

enum DType {
  case float32, float64, float16, bfloat16, uint8, int64

  var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32: 4
    case .float16, .bfloat16: 2
    case .uint8: 1
    }
  }
}

struct Tensor {
  init(bytes: UnsafeRawBufferPointer, dtype: DType, shape: [Int]) {
    precondition(bytes.count == shape.reduce(dtype.byteCount, *))
    // Reads all of it, so that a buffer that is not there is found.
    var sum: UInt8 = 0
    for byte in bytes { sum &+= byte }
    precondition(sum == sum &+ 0)
  }
}

private let file = URL(fileURLWithPath: "/dev/shm/fuzz-checkpoint-\(getpid())")

private func read(_ open: (RegularFile) throws(UnusableWeights) -> PyTorchObject) {
  guard let regular = try? RegularFile(file) else { return }
  do throws(UnusableWeights) {
    let object = try open(regular)
    for networks in [["G_A"], []] + object.networks.map({ [$0] }) {
      try PyTorchFile(object, networks: networks).readEach { _, _ in }
    }
  } catch {
    precondition(!error.reason.isEmpty && !error.reason.contains("\n"))
  }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  try! Data(bytes: bytes, count: count).write(to: file)
  defer { unlink(file.path) }
  read { regular throws(UnusableWeights) in try PyTorchObject(zip: regular) }
  read { regular throws(UnusableWeights) in try PyTorchObject(legacy: regular) }
  return 0
}
