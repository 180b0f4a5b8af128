import TestSupport
import Testing

@testable import Torch

/// Names of tensors in networks, and loading them whole or not at all.
struct StateDictTests {
  private let network = Sequential([
    Conv2d(inputChannels: 1, outputChannels: 2, kernelSize: 1, bias: true), Tanh(),
    Sequential([Conv2d(inputChannels: 2, outputChannels: 1, kernelSize: 1, bias: false)]),
  ])

  @Test func childrenWithoutParametersCount() {
    #expect(network.namedParameters().map(\.name) == ["0.weight", "0.bias", "2.0.weight"])
    #expect(network.parameterCount == 2 + 2 + 2)
  }

  @Test func loadingCopiesAndConverts() throws {
    let saved = [
      "0.weight": Tensor([1, 2], shape: [2, 1, 1, 1]).converted(to: .float64),
      "0.bias": Tensor([3, 4], shape: [2]).converted(to: .bfloat16),
      "2.0.weight": Tensor([5, 6], shape: [1, 2, 1, 1]),
    ]
    try network.load(saved, from: "file")
    #expect(network.stateDict.map { $0.tensor.elements } == [[1, 2], [3, 4], [5, 6]])
    #expect(network.stateDict.allSatisfy { $0.tensor.dtype == .float32 })
    #expect(network.trainableParameters.allSatisfy { $0.tensor.requiresGradient })
    // tanh is odd: 5 tanh(1 + 3) + 6 tanh(2 + 4) is close to 11.
    let result = network(.full(1, shape: [1, 1, 1, 1]), .inference).item
    expectClose(result, 11, tolerance: 0.01)
  }

  @Test func everyDifferenceIsListedAndNothingChanges() throws {
    let saved = [
      "0.weight": Tensor.full(1, shape: [2, 3, 1, 1]), "0.bias": Tensor.full(1, shape: [2]),
      "3.weight": Tensor.full(1, shape: [1]), "2.weight": Tensor.full(1, shape: [1]),
    ]
    let error = #expect(throws: StateDictMismatch.self) {
      try network.load(saved, from: "runs/net_G_A.safetensors")
    }
    let text = """
      runs/net_G_A.safetensors does not fit this model (4 differences): missing 2.0.weight; unexpected 2.weight; \
      unexpected 3.weight; ...
        missing     2.0.weight
        unexpected  2.weight
        unexpected  3.weight
        shape       0.weight: file has [2, 3, 1, 1], model wants [2, 1, 1, 1]
      """
    #expect(error?.description == text)
    #expect(network.stateDict.allSatisfy { $0.tensor.elements.allSatisfy { $0 == 0 } })
  }

  @Test func oneDifferenceIsSingular() throws {
    let layer = Conv2d(inputChannels: 1, outputChannels: 1, kernelSize: 1, bias: false)
    let error = #expect(throws: StateDictMismatch.self) { try layer.load([:], from: "file") }
    #expect(
      error?.description
        == "file does not fit this model (1 difference): missing weight\n  missing     weight")
  }
}
