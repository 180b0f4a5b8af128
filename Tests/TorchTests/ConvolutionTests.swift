import Testing

@testable import Torch

/// Convolutions of 3x3 images with 2x2 kernels, worked out by hand.
struct ConvolutionTests {
  /// 1 2 3
  /// 4 5 6
  /// 7 8 9
  private let image = Tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], shape: [1, 1, 3, 3])
  /// 1 2
  /// 3 4
  private let kernel = Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2])

  /// The kernel is not flipped: top left is 1*1 + 2*2 + 3*4 + 4*5 = 37, and so on.
  @Test func strideOneWithoutPadding() {
    let bias = Tensor([100], shape: [1])
    let result = image.conv2d(weight: kernel, bias: bias, stride: 1, padding: 0)
    #expect(result.shape == [1, 1, 2, 2])
    #expect(result.elements == [137, 147, 167, 177])
  }

  /// Zeros around the image, windows at rows and columns -1 and 1:
  /// 4*1 = 4; 3*2 + 4*3 = 18; 2*4 + 4*7 = 36; 5 + 12 + 24 + 36 = 77.
  @Test func strideTwoWithPadding() {
    let result = image.conv2d(weight: kernel, bias: nil, stride: 2, padding: 1)
    #expect(result.elements == [4, 18, 36, 77])
  }

  /// The first output channel sums both inputs, the second takes their difference.
  @Test func weightsAreOutputByInput() {
    let x = Tensor([3, 5], shape: [1, 2, 1, 1])
    let weight = Tensor([1, 1, 1, -1], shape: [2, 2, 1, 1])
    #expect(x.conv2d(weight: weight, bias: nil, stride: 1, padding: 0).elements == [8, -2])
  }

  /// Each pixel stamps the kernel, times its value, at twice its place.
  @Test func transposedStampsTheKernel() {
    let x = Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2])
    let result = x.convTranspose2d(
      weight: kernel, bias: Tensor([0.5], shape: [1]), stride: 2, padding: 0, outputPadding: 0)
    #expect(result.shape == [1, 1, 4, 4])
    let stamped: [Float] = [
      1, 2, 2, 4,
      3, 4, 6, 8,
      3, 6, 4, 8,
      9, 12, 12, 16,
    ]
    #expect(result.elements == stamped.map { $0 + 0.5 })
  }

  /// The generators' upsampling: 3x3 stamps of 1 to 9 overlap by one pixel, padding takes away the
  /// first row and column, output padding gives back the last ones. Row 0, for example, is the second
  /// rows of the upper stamps: 4 5 6 times 1 and, two further, times 2: (4) 5 6+8 10 12.
  @Test func transposedWithPaddingOnBothSides() {
    let x = Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2])
    let weight = Tensor((1...9).map(Float.init), shape: [1, 1, 3, 3])
    let result = x.convTranspose2d(
      weight: weight, bias: nil, stride: 2, padding: 1, outputPadding: 1)
    let expected: [Float] = [
      5, 14, 10, 12,
      14, 36, 24, 30,
      15, 34, 20, 24,
      24, 55, 32, 36,
    ]
    #expect(result.elements == expected)
  }

  @Test func transposedWeightsAreInputByOutput() {
    let x = Tensor([3], shape: [1, 1, 1, 1])
    let weight = Tensor([1, 2], shape: [1, 2, 1, 1])
    let result = x.convTranspose2d(
      weight: weight, bias: nil, stride: 1, padding: 0, outputPadding: 0)
    #expect(result.shape == [1, 2, 1, 1])
    #expect(result.elements == [3, 6])
  }

  @Test func layersHoldTheirParameters() {
    let convolution = Conv2d(inputChannels: 3, outputChannels: 8, kernelSize: 4, bias: true)
    let shapes = convolution.namedParameters().map { ($0.name, $0.value.tensor.shape) }
    #expect(shapes.map(\.0) == ["weight", "bias"])
    #expect(shapes.map(\.1) == [[8, 3, 4, 4], [8]])
    let transposed = ConvTranspose2d(
      inputChannels: 3, outputChannels: 8, kernelSize: 4, stride: 2, padding: 1, bias: false)
    #expect(transposed.namedParameters().map(\.name) == ["weight"])
    #expect(transposed.weight.tensor.shape == [3, 8, 4, 4])
  }

  /// [1 2 3] by 2 is [3 2 1 2 3 2 1], in both directions, and each side by its own number.
  @Test func reflectionDoesNotRepeatTheEdge() {
    let row = Tensor([1, 2, 3], shape: [1, 1, 1, 3])
    let padded = row.reflectionPadded(top: 0, bottom: 0, left: 2, right: 2)
    #expect(padded.elements == [3, 2, 1, 2, 3, 2, 1])
    let column = row.reshaped([1, 1, 3, 1]).reflectionPadded(top: 2, bottom: 1, left: 0, right: 0)
    #expect(column.shape == [1, 1, 6, 1])
    #expect(column.elements == [3, 2, 1, 2, 3, 2])
    let left = row.reflectionPadded(top: 0, bottom: 0, left: 1, right: 0)
    #expect(left.elements == [2, 1, 2, 3])
  }

  @Test func reflectionLayerPadsEverySide() {
    let padded = ReflectionPad2d(1)(image, .inference)
    let expected: [Float] = [
      5, 4, 5, 6, 5,
      2, 1, 2, 3, 2,
      5, 4, 5, 6, 5,
      8, 7, 8, 9, 8,
      5, 4, 5, 6, 5,
    ]
    #expect(padded.elements == expected)
  }
}
