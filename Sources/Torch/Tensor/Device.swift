import CTorch

/// Where a tensor lives and is computed.
package enum Device: Sendable, Equatable, CustomStringConvertible {
  case cpu
  case cuda(index: Int)
  case mps

  var shimValue: ctorch_device {
    switch self {
    case .cpu: return ctorch_device(type: CTORCH_CPU, index: 0)
    case .cuda(let index): return ctorch_device(type: CTORCH_CUDA, index: Int32(index))
    case .mps: return ctorch_device(type: CTORCH_MPS, index: 0)
    }
  }

  /// The word `--device` takes for it.
  package var description: String {
    switch self {
    case .cpu: return "cpu"
    case .cuda(let index): return "cuda:\(index)"
    case .mps: return "mps"
    }
  }

  /// The device for the words `auto`, `cpu`, `cuda`, `cuda:N` and `mps`; `auto` is the first GPU there is.
  ///
  /// Throws `DeviceUnavailable` for any other word and for a device this libtorch or machine lacks.
  package init(named name: String) throws(DeviceUnavailable) {
    switch name {
    case "auto":
      let hasCUDA =
        ctorch_cuda_device_count() > 0 && CUDAFacts.found().obstacle(toDevice: 0) == nil
      self = hasCUDA ? .cuda(index: 0) : ctorch_mps_is_available() ? .mps : .cpu
    case "cpu": self = .cpu
    case "mps":
      guard ctorch_mps_is_available() else {
        throw DeviceUnavailable("this libtorch or machine has no mps device")
      }
      self = .mps
    default:
      let parts = name.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.first == "cuda", parts.count <= 2,
        let index = parts.count == 2 ? Int(parts[1]) : 0, index >= 0
      else {
        throw DeviceUnavailable("'\(name)' is not one of auto, cpu, cuda, cuda:N, mps")
      }
      if let obstacle = CUDAFacts.found().obstacle(toDevice: index) {
        throw DeviceUnavailable(obstacle)
      }
      self = .cuda(index: index)
    }
  }

  /// Waits until everything asked of the device so far is done.
  package func synchronize() {
    attemptOrFail("synchronize(\(self))") { ctorch_synchronize(shimValue, $0) }
  }

  /// Whether its bfloat16 convolutions run on units of their own rather than being emulated.
  package var hasFastBFloat16: Bool {
    switch self {
    case .cpu: return ctorch_cpu_has_bfloat16()
    case .cuda(let index): return ctorch_cuda_has_bfloat16(Int32(index))
    case .mps: return false
    }
  }
}

/// A device that was asked for and is not there.
package struct DeviceUnavailable: Error, Sendable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
