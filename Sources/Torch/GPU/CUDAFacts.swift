import CTorch

/// What this libtorch and this machine know of CUDA, and why a device cannot be had.
package struct CUDAFacts: Sendable, Equatable {
  /// Whether this libtorch has kernels for CUDA at all.
  package var isInBuild = false
  /// As in `13.0`; `nil` where nobody knows.
  package var version: CUDAVersion?
  /// The newest that the driver runs; `nil` without a driver.
  package var driverVersion: CUDAVersion?
  /// Such as `9.19`.
  package var cuDNNVersion: String?
  package var targets = CUDATargets()
  /// Those that the driver shows; CUDA_VISIBLE_DEVICES hides some.
  package var gpus: [GPU] = []
  /// How many of them libtorch has found.
  package var usableCount = 0

  package struct GPU: Sendable, Equatable {
    package var name: String
    package var capability: ComputeCapability
    /// In bytes.
    package var memory: Int

    package init(name: String, capability: ComputeCapability, memory: Int) {
      (self.name, self.capability, self.memory) = (name, capability, memory)
    }
  }

  package init() {}

  /// What is so here and now. Starts the driver.
  package static func found() -> CUDAFacts {
    Backend.initialize()
    let found = ctorch_cuda_find()
    var facts = CUDAFacts()
    facts.isInBuild = found.is_in_build
    facts.version = CUDAVersion(number: found.version)
    facts.driverVersion = CUDAVersion(number: found.driver_version)
    let cudnn = Int(found.cudnn_version)
    facts.cuDNNVersion = cudnn > 0 ? "\(cudnn / 10000).\(cudnn / 100 % 100)" : nil
    facts.usableCount = Int(found.usable_count)
    if let text = ctorch_cuda_configuration() {
      defer { ctorch_free(text) }
      facts.targets = CUDATargets(configuration: String(cString: text))
    }
    facts.gpus = (0..<found.device_count).compactMap { index in
      var gpu = ctorch_gpu()
      guard ctorch_cuda_describe(index, &gpu) else { return nil }
      let name = withUnsafeBytes(of: gpu.name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      return GPU(
        name: name, capability: ComputeCapability(major: Int(gpu.major), minor: Int(gpu.minor)),
        memory: Int(clamping: gpu.memory))
    }
    return facts
  }

  /// Why there is no device of this number, and what to install or choose; `nil` if there is one.
  package func obstacle(toDevice index: Int) -> String? {
    guard isInBuild else {
      return
        "this libtorch computes on the CPU alone; build with LIBTORCH set to a PyTorch for CUDA, "
        + "or choose cpu"
    }
    let wanted = version.map { "CUDA \($0)" } ?? "CUDA"
    guard let driverVersion else {
      return "there is no NVIDIA driver on this machine; install one for \(wanted), or choose cpu"
    }
    if let version, driverVersion.major < version.major {
      return "the NVIDIA driver is too old: it runs CUDA \(driverVersion) and this libtorch needs "
        + "\(version); install a newer driver, or a PyTorch for CUDA \(driverVersion.major)"
    }
    guard !gpus.isEmpty else {
      return "the NVIDIA driver shows no GPU; look at nvidia-smi and CUDA_VISIBLE_DEVICES, "
        + "or choose cpu"
    }
    guard index < gpus.count else {
      let all =
        gpus.count == 1
        ? "one GPU, cuda:0" : "\(gpus.count) GPUs, cuda:0 to cuda:\(gpus.count - 1)"
      return "there is no cuda:\(index): the machine has \(all)"
    }
    let gpu = gpus[index]
    guard targets.include(gpu.capability) else {
      return "this libtorch has no kernels for the \(gpu.name), of compute capability "
        + "\(gpu.capability): it has them for \(targets); take a PyTorch that has them, or choose cpu"
    }
    guard index < usableCount else {
      return
        "libtorch cannot use the \(gpu.name), which the NVIDIA driver shows; look at nvidia-smi, "
        + "or choose cpu"
    }
    return nil
  }
}

/// A version of CUDA.
package struct CUDAVersion: Sendable, Equatable, CustomStringConvertible {
  package let major: Int
  package let minor: Int

  /// - Parameter number: 1000 major + 10 minor, as CUDA counts; `nil` for 0.
  package init?(number: Int32) {
    guard number > 0 else { return nil }
    (major, minor) = (Int(number) / 1000, Int(number) % 1000 / 10)
  }

  package var description: String { "\(major).\(minor)" }
}

/// What a GPU can compute, by NVIDIA's count.
package struct ComputeCapability: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let major: Int
  package let minor: Int

  package init(major: Int, minor: Int) { (self.major, self.minor) = (major, minor) }

  /// - Parameter digits: such as `90`, or `120`; letters after them are kept aside by NVIDIA for kernels that run on
  ///   this capability alone.
  init?(digits: Substring) {
    guard let number = Int(digits.prefix { $0.isNumber }), number >= 10 else { return nil }
    (major, minor) = (number / 10, number % 10)
  }

  package static func < (a: ComputeCapability, b: ComputeCapability) -> Bool {
    (a.major, a.minor) < (b.major, b.minor)
  }

  package var description: String { "\(major).\(minor)" }
}

/// The GPUs that a build's kernels are for.
package struct CUDATargets: Sendable, Equatable, CustomStringConvertible {
  /// Machine code, which runs on later GPUs of the same major capability.
  private(set) var machineCode: Set<ComputeCapability> = []
  /// What the driver translates for any later GPU.
  private(set) var portableCode: Set<ComputeCapability> = []

  init() {}

  /// - Parameter configuration: libtorch's words, with the compiler's flags `-gencode;arch=compute_90,code=sm_90`.
  package init(configuration: String) {
    for part in configuration.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
      if part.hasPrefix("sm_"), let found = ComputeCapability(digits: part.dropFirst(3)) {
        machineCode.insert(found)
      }
    }
    // compute_90 after `code=` is portable code; after `arch=` it is what machine code is made by way of.
    for part in configuration.split(separator: "code=").dropFirst() where part.hasPrefix("compute_")
    {
      if let found = ComputeCapability(digits: part.dropFirst(8)) { portableCode.insert(found) }
    }
  }

  /// Unknown ones are taken to include all.
  package func include(_ capability: ComputeCapability) -> Bool {
    machineCode.isEmpty && portableCode.isEmpty
      || machineCode.contains { $0.major == capability.major && $0.minor <= capability.minor }
      || portableCode.contains { $0 <= capability }
  }

  /// `7.5, 8.0 and 9.0`
  package var description: String {
    let words = machineCode.union(portableCode).sorted().map(\.description)
    guard let last = words.last, words.count > 1 else { return words.first ?? "unknown ones" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}
