import TestSupport
import Testing

@testable import Torch

private func makeNetwork() -> Sequential {
  let network = Sequential([
    Conv2d(inputChannels: 3, outputChannels: 32, kernelSize: 3, padding: 1, bias: true),
    LeakyReLU.relu(),
    Conv2d(inputChannels: 32, outputChannels: 32, kernelSize: 3, padding: 1, bias: true),
    LeakyReLU.relu(),
    ConvTranspose2d(
      inputChannels: 32, outputChannels: 16, kernelSize: 4, stride: 2, padding: 1, bias: true),
    Conv2d(inputChannels: 16, outputChannels: 3, kernelSize: 7, padding: 3, bias: true),
  ])
  network.initialize(.kaiming(gain: 1), seed: 2)
  return network
}

/// Convolutions keep their weights in the order of their kernels, until the weights change.
@Suite(.enabled(if: Backend.convolutionLibrary != nil))
struct WeightOrderTests {
  private let image = Tensor.normal(shape: [1, 3, 12, 12], seed: 1)

  /// What a network computes and, by its gradients, would learn.
  private func results(_ network: Sequential) -> [[Float]] {
    let output = network(image, .training)
    output.squared().sum().backward()
    let gradients = network.trainableParameters.map { parameter in
      defer { parameter.dropGradient() }
      return parameter.gradient?.elements ?? []
    }
    return [output.elements] + gradients
  }

  /// The same weights in a network that has not computed with others before.
  private func fresh(_ network: Sequential) throws -> [[Float]] {
    let other = makeNetwork()
    try other.load(
      Dictionary(uniqueKeysWithValues: network.stateDict.map { ($0.name, $0.tensor.cloned()) }),
      from: "here")
    return results(other)
  }

  @Test func putOncePerUpdate() {
    let network = makeNetwork()
    let first = Backend.weightOrdersMade
    _ = withoutGradients { network(image, .inference) }
    // One for each convolution.
    #expect(Backend.weightOrdersMade == first + 4)
    for _ in 0..<3 { _ = withoutGradients { network(image, .inference) } }
    #expect(Backend.weightOrdersMade == first + 4)
    // Images of another size have other primitives, which read the same orders.
    _ = withoutGradients { network(.normal(shape: [1, 3, 20, 16], seed: 3), .inference) }
    #expect(Backend.weightOrdersMade <= first + 8)
    // Backward passes have orders of their own.
    _ = results(network)
    let trained = Backend.weightOrdersMade
    _ = results(network)
    #expect(Backend.weightOrdersMade == trained)
  }

  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let apply: @Sendable (Sequential) throws -> Void
  }

  private static func step(_ optimizer: any Optimizer, of network: Sequential) {
    optimizer.step(
      network(.normal(shape: [1, 3, 12, 12], seed: 4), .training).squared().mean())
  }

  static let changes: [Change] = [
    Change(testDescription: "Adam") {
      step(Adam($0.trainableParameters, learningRate: 0.01, beta1: 0.5), of: $0)
    },
    Change(testDescription: "RMSprop") {
      step(RMSprop($0.trainableParameters, learningRate: 0.01), of: $0)
    },
    Change(testDescription: "clamping") {
      Adam($0.trainableParameters, learningRate: 0, beta1: 0).clampParameters(to: 0.01)
    },
    Change(testDescription: "copying") {
      for parameter in $0.trainableParameters {
        parameter.tensor.copyInPlace(from: parameter.tensor.detached() * 2)
      }
    },
    Change(testDescription: "copying into a detached tensor") {
      for parameter in $0.trainableParameters {
        let alias = parameter.tensor.detached()
        alias.copyInPlace(from: alias * 2)
      }
    },
    Change(testDescription: "loading") { network in
      let saved = network.stateDict.map { ($0.name, $0.tensor * 3) }
      try network.load(Dictionary(uniqueKeysWithValues: saved), from: "here")
    },
    Change(testDescription: "drawing anew") { $0.initialize(.kaiming(gain: 1), seed: 9) },
    Change(testDescription: "averaging") { network in
      let source = Sequential(network.children.map(\.module))
      let other = makeNetwork()
      other.initialize(.kaiming(gain: 1), seed: 5)
      let average = WeightAverage(source, of: other, reaching: .decay(0.5))
      average.update(step: 100)
      network.setRequiresGradient(true)
    },
    Change(testDescription: "moving") { $0.move(to: .cpu) },
  ]

  /// Whatever writes into weights, the next pass, forward and backward, computes with what was written.
  @Test(arguments: changes) func neverStale(_ change: Change) throws {
    let network = makeNetwork()
    _ = results(network)
    try change.apply(network)
    #expect(results(network) == (try fresh(network)))
    // And once more, from what is kept now.
    #expect(results(network) == (try fresh(network)))
  }

  /// 32 MiB of weights, far more than other tests have at the same time.
  @Test func endsWithTheWeights() {
    let before = Backend.weightOrdersMemory
    do {
      let layer = Conv2d(inputChannels: 1024, outputChannels: 1024, kernelSize: 3, bias: false)
      _ = withoutGradients { layer(.zeros(shape: [1, 1024, 3, 3]), .inference) }
      #expect(Backend.weightOrdersMemory - before > 30 << 20)
    }
    #expect(Backend.weightOrdersMemory - before < 8 << 20)
  }
}

struct LoopThreadingTests {
  /// libtorch brings an OpenMP runtime along in every build that the README names.
  @Test func loopsHaveThreads() {
    #expect(Backend.loopObstacle == nil)
  }
}
