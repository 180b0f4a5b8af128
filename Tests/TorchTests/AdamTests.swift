import TestSupport
import Testing

@testable import Torch

/// Adam on one number, with its arithmetic written out.
struct AdamTests {
  private func makeParameter(_ value: Float) -> Parameter {
    Parameter(Tensor([value], shape: [1]))
  }

  /// One step along the gradient `slope`.
  private func step(_ adam: Adam, _ parameter: Parameter, slope: Double) {
    adam.step((parameter.tensor * slope).sum())
  }

  /// Learning rate 0.1, beta1 0.5, beta2 0.75, eps 1; gradients 1 and -3.
  ///
  /// Step 1: m = 0.5, v = 0.25; corrected 0.5 / 0.5 = 1 and 0.25 / 0.25 = 1;
  /// p = 1 - 0.1 * 1 / (1 + 1) = 0.95.
  /// Step 2: m = 0.25 - 1.5 = -1.25, v = 0.1875 + 2.25 = 2.4375; corrected -1.25 / 0.75 = -5/3 and
  /// 2.4375 / 0.4375 = 39/7; p = 0.95 + 0.1 * (5/3) / (2.3604 + 1) = 0.9996.
  @Test func twoStepsByHand() {
    let parameter = makeParameter(1)
    let adam = Adam([parameter], learningRate: 0.1, beta1: 0.5, beta2: 0.75, eps: 1)
    step(adam, parameter, slope: 1)
    expectClose(parameter.tensor.item, 0.95, tolerance: 1e-7)
    step(adam, parameter, slope: -3)
    let second = 0.95 + 0.1 * (5.0 / 3) / ((39.0 / 7).squareRoot() + 1)
    expectClose(parameter.tensor.item, second, tolerance: 1e-7)
    let state = Dictionary(uniqueKeysWithValues: adam.state.map { ($0.name, $0.tensor.item) })
    #expect(state == ["0.first": -1.25, "0.second": 2.4375, "step": 2])
  }

  /// The first corrected step is the learning rate itself, whatever the gradient: m / sqrt(v) is 1.
  @Test func theFirstStepIsTheLearningRate() {
    let parameter = makeParameter(1)
    let adam = Adam([parameter], learningRate: 0.1, beta1: 0.5)
    step(adam, parameter, slope: 20)
    expectClose(parameter.tensor.item, 0.9, tolerance: 1e-6)
    adam.learningRate = 0.01
    step(adam, parameter, slope: 20)
    expectClose(parameter.tensor.item, 0.89, tolerance: 1e-6)
  }

  @Test func aStepDropsTheGradients() {
    let parameter = makeParameter(1)
    let adam = Adam([parameter], learningRate: 0.1, beta1: 0.5)
    step(adam, parameter, slope: 1)
    #expect(parameter.gradient == nil)
  }

  @Test func parametersTheLossDoesNotReachStay() {
    let (moved, kept) = (makeParameter(1), makeParameter(5))
    let adam = Adam([kept, moved], learningRate: 0.1, beta1: 0.5)
    step(adam, moved, slope: 1)
    #expect(kept.tensor.item == 5)
    expectClose(moved.tensor.item, 0.9, tolerance: 1e-6)
  }

  @Test func aRestoredOptimizerGoesOnTheSame() throws {
    let original = makeParameter(1)
    let adam = Adam([original], learningRate: 0.1, beta1: 0.5)
    for slope in [1.0, -3, 2] { step(adam, original, slope: slope) }
    let copy = makeParameter(Float(original.tensor.item))
    let restored = Adam([copy], learningRate: 0.1, beta1: 0.5)
    let saved = Dictionary(uniqueKeysWithValues: adam.state.map { ($0.name, $0.tensor.cloned()) })
    try restored.load(saved, from: "somewhere")
    for slope in [0.5, -1] {
      step(adam, original, slope: slope)
      step(restored, copy, slope: slope)
    }
    #expect(copy.tensor.elements == original.tensor.elements)
    #expect(restored.state.map { $0.tensor.item } == adam.state.map { $0.tensor.item })
  }

  @Test func aStateThatDoesNotFitChangesNothing() throws {
    let parameter = makeParameter(1)
    let adam = Adam([parameter], learningRate: 0.1, beta1: 0.5)
    step(adam, parameter, slope: 1)
    let before = adam.state.map { $0.tensor.item }
    let saved = ["0.first": Tensor.zeros(shape: [1]), "0.second": Tensor.zeros(shape: [2])]
    let error = #expect(throws: StateDictMismatch.self) {
      try adam.load(saved, from: "training.safetensors")
    }
    let text = """
      training.safetensors does not fit this model (2 differences): missing step; shape 0.second: file \
      has [2], model wants [1]
        missing     step
        shape       0.second: file has [2], model wants [1]
      """
    #expect(error?.description == text)
    #expect(adam.state.map { $0.tensor.item } == before)
  }
}
