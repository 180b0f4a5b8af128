import Testing

@testable import Torch

/// What is said where there is no such device: one line each, which says what to install or choose.
struct CUDAFactsTests {
  /// An H200 with a driver and a libtorch that fit.
  private var good: CUDAFacts {
    var facts = CUDAFacts()
    facts.isInBuild = true
    facts.version = CUDAVersion(number: 13000)
    facts.driverVersion = CUDAVersion(number: 13000)
    facts.cuDNNVersion = "9.19"
    facts.targets = CUDATargets(
      configuration: "-gencode;arch=compute_75,code=sm_75;-gencode;arch=compute_90,code=sm_90")
    facts.gpus = [
      .init(
        name: "NVIDIA H200", capability: .init(major: 9, minor: 0), memory: 150_754_820_096)
    ]
    facts.usableCount = 1
    return facts
  }

  private func message(
    _ index: Int = 0, _ change: (inout CUDAFacts) -> Void
  ) -> String? {
    var facts = good
    change(&facts)
    return facts.obstacle(toDevice: index)
  }

  @Test func aDeviceThatIsThere() { #expect(message { _ in } == nil) }

  @Test func aBuildForTheCPU() {
    #expect(
      message { $0.isInBuild = false }
        == "this libtorch computes on the CPU alone; build with LIBTORCH set to a PyTorch for CUDA, "
        + "or choose cpu")
  }

  @Test func noDriver() {
    #expect(
      message { $0.driverVersion = nil }
        == "there is no NVIDIA driver on this machine; install one for CUDA 13.0, or choose cpu")
  }

  @Test func aDriverThatIsTooOld() {
    #expect(
      message { $0.driverVersion = CUDAVersion(number: 12080) }
        == "the NVIDIA driver is too old: it runs CUDA 12.8 and this libtorch needs 13.0; install a "
        + "newer driver, or a PyTorch for CUDA 12")
    // Of one major version all drivers run all programs.
    #expect(message { $0.version = CUDAVersion(number: 13020) } == nil)
    #expect(message { $0.driverVersion = CUDAVersion(number: 14000) } == nil)
  }

  @Test func noGPU() {
    #expect(
      message { $0.gpus = [] }
        == "the NVIDIA driver shows no GPU; look at nvidia-smi and CUDA_VISIBLE_DEVICES, "
        + "or choose cpu")
  }

  @Test func aNumberTooHigh() {
    #expect(message(7) { _ in } == "there is no cuda:7: the machine has one GPU, cuda:0")
    #expect(
      message(7) { $0.gpus += $0.gpus }
        == "there is no cuda:7: the machine has 2 GPUs, cuda:0 to cuda:1")
  }

  @Test func noKernelsForIt() {
    let old = CUDAFacts.GPU(
      name: "Tesla V100", capability: .init(major: 7, minor: 0), memory: 1)
    #expect(
      message { $0.gpus[0] = old }
        == "this libtorch has no kernels for the Tesla V100, of compute capability 7.0: it has them "
        + "for 7.5 and 9.0; take a PyTorch that has them, or choose cpu")
  }

  @Test func aGPUThatLibtorchCannotUse() {
    #expect(
      message { $0.usableCount = 0 }
        == "libtorch cannot use the NVIDIA H200, which the NVIDIA driver shows; look at nvidia-smi, "
        + "or choose cpu")
  }

  /// Machine code runs on GPUs of its major number and no smaller minor one, portable code on all later ones; what is
  /// made by way of `arch` is neither.
  @Test func targets() {
    func runs(_ flags: String, _ major: Int, _ minor: Int) -> Bool {
      CUDATargets(configuration: flags).include(.init(major: major, minor: minor))
    }
    let code = "-gencode;arch=compute_80,code=sm_80"
    #expect(runs(code, 8, 0) && runs(code, 8, 9) && !runs(code, 9, 0) && !runs(code, 7, 5))
    let portable = "-gencode;arch=compute_80,code=compute_80"
    #expect(runs(portable, 8, 0) && runs(portable, 12, 0) && !runs(portable, 7, 5))
    #expect(runs("-gencode;arch=compute_90a,code=sm_90a", 9, 0))
    #expect(runs("-gencode;arch=compute_120,code=sm_120", 12, 0))
    #expect(runs("nothing known", 5, 0))
    let three = CUDATargets(configuration: "code=sm_120 code=sm_75 code=sm_90")
    #expect(three.description == "7.5, 9.0 and 12.0")
  }

  @Test func description() {
    #expect(
      GPUDescription(of: .cuda(index: 0), good)?.words
        == "NVIDIA H200, compute capability 9.0, 140.4 GiB, CUDA 13.0, cuDNN 9.19, "
        + "in bf16 unless told otherwise")
    #expect(GPUDescription(of: .cuda(index: 1), good) == nil)
    #expect(GPUDescription(of: .cpu, good) == nil)
  }

  /// Every machine says something of itself, and of an absent device.
  @Test func factsOfThisMachine() {
    #expect(CUDAFacts.found().obstacle(toDevice: 999) != nil)
  }
}
