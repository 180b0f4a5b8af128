import TestSupport
import Testing

@testable import Torch

/// A pass that is repeated in place of being run gives the same, and one that cannot be is run.
struct RepeatedPassTests {
  private final class Product: Module {
    let weight = Parameter(Tensor([2, 3], shape: [2]))
    var parameters: [(name: String, value: Parameter)] { [("weight", weight)] }
    func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { weight.tensor * x }
  }

  /// Fails at its end, as where something could not be recorded.
  private final class Refusing: PassRecorder {
    nonisolated(unsafe) static var alive = 0
    /// Recordings that were held when their memory was to be given back.
    nonisolated(unsafe) static var heldAtTheEnd: [Int] = []
    static func obstacle(on device: Device) -> String? { nil }
    static var doesAnew: Bool { false }
    static func memory(on device: Device) -> GPUMemory? { nil }
    static func giveBackMemory() { heldAtTheEnd.append(alive) }
    init(on device: Device) { Self.alive += 1 }
    deinit { Self.alive -= 1 }
    func finish() throws(TorchError) {
      throw TorchError(operation: "record", message: "operation not permitted\nand more")
    }
    func repeatOnce(_ doAnew: ((_ results: [Tensor], _ places: [Tensor]) -> Void) -> Void) {}
  }

  /// The loss is the sum of w x, so that its gradient by w is x.
  private func run(_ pass: RepeatedPass, _ product: Product, _ x: [Float], key: [Double] = [])
    -> (loss: Double, gradient: [Float])
  {
    let results = pass.run([Tensor(x, shape: [x.count / 2, 2])], key: key) { inputs in
      let loss = product(inputs[0], .training).sum()
      loss.backward()
      return [loss.detached()]
    }
    let gradient = product.weight.gradient?.elements ?? []
    product.weight.dropGradient()
    return (results[0].item, gradient)
  }

  @Test func everyRunHasItsOwnInputs() {
    let product = Product()
    let pass = RepeatedPass(of: [product], on: .cpu, recorder: RepeatedByHand.self)
    #expect(pass.obstacle == nil)
    for step in 0..<20 {
      let (a, b) = (Float(step), Float(step * step))
      let found = run(pass, product, [a, b])
      #expect(found.loss == Double(2 * a + 3 * b))
      #expect(found.gradient == [a, b])
      // Another shape in between, and another key, which have recordings of their own.
      #expect(run(pass, product, [a, b, 1, 1]).loss == Double(2 * a + 3 * b + 5))
      #expect(run(pass, product, [b, a], key: [1]).gradient == [b, a])
    }
  }

  /// The optimizer changes weights in place, and what is repeated sees it.
  @Test func repeatedPassesSeeNewWeights() {
    let (repeated, plain) = (Product(), Product())
    let pass = RepeatedPass(of: [repeated], on: .cpu, recorder: RepeatedByHand.self)
    let optimizers = [repeated, plain].map { Adam([$0.weight], learningRate: 0.1, beta1: 0.5) }
    for step in 1...12 {
      let x = Tensor([Float(step), -2], shape: [1, 2])
      _ = pass.run([x]) { inputs in
        repeated(inputs[0], .training).squared().sum().backward()
        return []
      }
      plain(x, .training).squared().sum().backward()
      for optimizer in optimizers { optimizer.step() }
      #expect(repeated.weight.tensor.elements == plain.weight.tensor.elements)
    }
    #expect(plain.weight.tensor.elements != [2, 3])
  }

  @Test func whatCannotBeRecordedIsRun() {
    let product = Product()
    let pass = RepeatedPass(of: [product], on: .cpu, recorder: Refusing.self)
    for step in 0..<6 {
      let found = run(pass, product, [Float(step), 1])
      #expect(found.loss == Double(2 * step + 3))
      #expect(found.gradient == [Float(step), 1])
    }
    #expect(pass.obstacle == "the pass cannot be recorded: record: operation not permitted")
    // Once, and when nothing held it any more.
    #expect(Refusing.heldAtTheEnd == [0])
  }

  @Test func theCPURepeatsNothing() {
    let pass = RepeatedPass(of: [Product()], on: .cpu)
    #expect(pass.obstacle == "only CUDA devices repeat recorded work")
    #expect(RepeatedPass(of: [], on: .cpu, obstacle: "dropout").obstacle == "dropout")
  }

  /// Sizes that keep changing are not recorded for ever: 4 recordings, and one more for each hundred runs.
  @Test func changingSizesAreRun() {
    Counting.made = 0
    let product = Product()
    let pass = RepeatedPass(of: [product], on: .cpu, recorder: Counting.self)
    for _ in 0..<4 {
      for count in 1...30 { _ = run(pass, product, [Float](repeating: 1, count: 2 * count)) }
    }
    #expect(Counting.made == 5)
  }

  private final class Counting: PassRecorder {
    nonisolated(unsafe) static var made = 0
    static func obstacle(on device: Device) -> String? { nil }
    static var doesAnew: Bool { false }
    static func memory(on device: Device) -> GPUMemory? { nil }
    static func giveBackMemory() {}
    init(on device: Device) { Self.made += 1 }
    func finish() {}
    func repeatOnce(_ doAnew: ((_ results: [Tensor], _ places: [Tensor]) -> Void) -> Void) {}
  }

  /// Has as much memory free as it is told, and all passes leave 100 bytes behind.
  private final class Crowded: PassRecorder {
    nonisolated(unsafe) static var free = 100
    nonisolated(unsafe) static var alive = 0
    static func obstacle(on device: Device) -> String? { nil }
    static var doesAnew: Bool { true }
    static func memory(on device: Device) -> GPUMemory? {
      GPUMemory(free: free, reusable: 100, mostUsed: 0)
    }
    static func giveBackMemory() {}
    private let byHand = RepeatedByHand(on: .cpu)
    init(on device: Device) { Self.alive += 1 }
    deinit { Self.alive -= 1 }
    func finish() {}
    func repeatOnce(_ doAnew: ((_ results: [Tensor], _ places: [Tensor]) -> Void) -> Void) {
      byHand.repeatOnce(doAnew)
    }
  }

  /// A recording takes as much memory as its pass has needed; what other passes need has to stay free. What was
  /// recorded while there was enough is repeated all the same, and what has not come for 100 runs is let go.
  @Test func recordingsLeaveMemoryForOthers() {
    let product = Product()
    // Nothing is computed on this device: recorders decide, and the tensors are on the CPU.
    let pass = RepeatedPass(of: [product], on: .cuda(index: 0), recorder: Crowded.self)
    func run(_ rows: Int, times: Int) {
      for _ in 0..<times {
        let x = [Float](repeating: 1, count: 2 * rows)
        #expect(self.run(pass, product, x).loss == Double(5 * rows))
      }
    }
    #expect(
      RepeatedPass.wayOnGPU(of: [pass]) == "operator by operator: not all was recorded yet")
    run(1, times: 4)
    #expect(Crowded.alive == 1)
    #expect(RepeatedPass.wayOnGPU(of: [pass]) == "repeated as recorded")
    run(2, times: 4)
    #expect(Crowded.alive == 2)
    run(2, times: 100)
    run(3, times: 4)
    #expect(Crowded.alive == 2)
    #expect(RepeatedPass.obstacleOnGPU(to: [pass]) == nil)
    Crowded.free = 99
    run(4, times: 6)
    #expect(Crowded.alive == 2)
    let obstacle = "too little of the GPU's memory is free to record a pass"
    #expect(RepeatedPass.obstacleOnGPU(to: [pass]) == obstacle)
    #expect(RepeatedPass.wayOnGPU(of: [pass]) == "in part operator by operator: \(obstacle)")
    run(3, times: 3)
    #expect(Crowded.alive == 2)
  }

  @Test func whatAGPUDoesIsToldOfGPUsAlone() {
    let product = Product()
    let passes = [
      RepeatedPass(
        of: [product], on: .cuda(index: 0), recorder: Refusing.self, obstacle: "dropout"),
      RepeatedPass(of: [product], on: .cuda(index: 0), recorder: RepeatedByHand.self),
    ]
    #expect(RepeatedPass.obstacleOnGPU(to: passes) == "dropout")
    #expect(RepeatedPass.wayOnGPU(of: passes) == "operator by operator: dropout")
    let onCPU = RepeatedPass(of: [product], on: .cpu)
    #expect(RepeatedPass.obstacleOnGPU(to: [onCPU]) == nil)
    #expect(RepeatedPass.wayOnGPU(of: [onCPU]) == nil)
  }
}
