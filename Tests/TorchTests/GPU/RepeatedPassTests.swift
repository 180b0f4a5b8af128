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
    static func giveBackMemory() {}
    init(on device: Device) { Self.made += 1 }
    func finish() {}
    func repeatOnce(_ doAnew: ((_ results: [Tensor], _ places: [Tensor]) -> Void) -> Void) {}
  }
}
