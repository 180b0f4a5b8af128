/// A GPU and what computes on it, as users are told.
package struct GPUDescription: Encodable, Sendable, Equatable {
  package let name: String
  /// Such as "9.0".
  package let computeCapability: String
  /// In bytes.
  package let memory: Int
  package let cuda: String?
  package let cudnn: String?
  package let driver: String?
  /// What `--precision auto` takes there.
  package let automaticPrecision: String

  private enum CodingKeys: String, CodingKey {
    case name
    case computeCapability = "compute_capability"
    case memory = "memory_bytes"
    case cuda, cudnn
    case driver = "driver_cuda"
    case automaticPrecision = "auto_precision"
  }

  /// `nil` for a device that is no CUDA device or cannot be used.
  package init?(of device: Device, _ facts: CUDAFacts = .found()) {
    guard case .cuda(let index) = device, facts.obstacle(toDevice: index) == nil else { return nil }
    let gpu = facts.gpus[index]
    name = gpu.name
    computeCapability = gpu.capability.description
    memory = gpu.memory
    cuda = facts.version?.description
    cudnn = facts.cuDNNVersion
    driver = facts.driverVersion?.description
    automaticPrecision = gpu.capability.major >= 8 ? "bf16" : "fp32"
  }

  /// "NVIDIA H200, compute capability 9.0, 140.4 GiB, CUDA 13.0, cuDNN 9.19, in bf16 unless told otherwise"
  package var words: String {
    let size = (Double(memory) / 0x1p30 * 10).rounded() / 10
    return
      ([name, "compute capability \(computeCapability)", "\(size) GiB"]
      + [cuda.map { "CUDA \($0)" }, cudnn.map { "cuDNN \($0)" }].compactMap { $0 }
      + ["in \(automaticPrecision) unless told otherwise"]).joined(separator: ", ")
  }
}
