import TestSupport
import Testing

@testable import Torch

/// Maps whose channels lie together, as GPUs have them: the layers that are ours do with them what they do with others,
/// and leave them so.
struct PixelsLayoutTests {
  private struct Outcome {
    let values: [Float]
    let gradient: [Float]
    let layout: MapLayout
  }

  /// The result of `layer` and the gradient of a weighted sum of it by its input.
  private func outcome(
    _ layout: MapLayout, _ shape: [Int], _ layer: (Tensor) -> Tensor
  ) -> Outcome {
    Backend.keepPixelsLayoutOnCPU(true)
    defer { Backend.keepPixelsLayoutOnCPU(false) }
    let x = Tensor.normal(shape: shape, seed: 1).laid(out: layout).requiringGradient()
    let y = layer(x)
    let weights = Tensor.normal(shape: y.shape, seed: 2).laid(out: layout)
    (y * weights).sum().backward()
    return Outcome(values: y.elements, gradient: x.gradient!.elements, layout: y.layout)
  }

  /// Rounding apart: sums are in another order.
  private func expectSame(
    _ shape: [Int], tolerance: Double = 2e-5, sourceLocation: SourceLocation = #_sourceLocation,
    _ layer: (Tensor) -> Tensor
  ) {
    let (planes, pixels) = (outcome(.planes, shape, layer), outcome(.pixels, shape, layer))
    #expect(planes.layout == .planes && pixels.layout == .pixels, sourceLocation: sourceLocation)
    expectClose(
      pixels.values, planes.values, tolerance: tolerance, sourceLocation: sourceLocation)
    expectClose(
      pixels.gradient, planes.gradient, tolerance: tolerance, sourceLocation: sourceLocation)
  }

  @Test(arguments: [[1, 3, 5, 7], [2, 8, 6, 5]]) func reflectionPadding(_ shape: [Int]) {
    for padding in 1...3 { expectSame(shape) { $0.reflectionPadded(padding) } }
  }

  @Test(arguments: [[1, 3, 5, 7], [3, 8, 6, 5]], [1.0, 0, 0.2])
  func instanceNorm(_ shape: [Int], slope: Double) {
    expectSame(shape) { $0.instanceNorm(eps: 1e-5, slope: slope) }
  }

  /// A block's second half: norm, sum and padding in one.
  @Test func instanceNormWithResidualAndPadding() {
    expectSame([2, 4, 6, 5]) { x in
      x.instanceNorm(eps: 1e-5, slope: 1, adding: x * 0.5, padding: 1)
    }
  }

  /// What a gradient penalty needs: the gradient of the squared gradient.
  @Test func secondDerivatives() {
    expectSame([2, 4, 6, 5], tolerance: 1e-4) { x in
      x.instanceNorm(eps: 1e-5, slope: 0.2).squared().sum().gradient(of: x, createGraph: true)
        .laid(out: x.layout)
    }
  }

  @Test func weightsKeepTheirLayout() {
    let convolution = Conv2d(
      inputChannels: 3, outputChannels: 4, kernelSize: 3, padding: 1, bias: true)
    convolution.initialize(.normal(gain: 0.1), seed: 1)
    let before = convolution.weight.tensor.elements
    convolution.move(to: .cpu, .pixels)
    #expect(convolution.weight.tensor.layout == .pixels)
    #expect(convolution.weight.tensor.elements == before)
    let adam = Adam(convolution.trainableParameters, learningRate: 0.1, beta1: 0.5)
    #expect(adam.state[0].tensor.layout == .pixels && adam.state[0].tensor.shape == [4, 3, 3, 3])
  }
}
