import Files
import Foundation
import Imaging
import TestSupport
import Testing
import Torch

@testable import Evaluation

/// Networks from files: TorchScript of others, and Inception's weights.
struct FeatureNetworkTests {
  private func flat(_ colors: [UInt8]) -> Image {
    Image(
      height: 2, width: 3, channels: 3, pixels: (0..<6).flatMap { _ in colors })
  }

  private func error(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  /// The module gives the means of the channels, and their mean squares over 256, of bytes.
  @Test func aModuleWithReturnFeatures() throws {
    let network = try FeatureNetwork(fixture("Evaluation/features.pt"), input: nil, on: .cpu)
    let found = try network.features(of: [flat([10, 20, 30]), flat([0, 255, 1])], "a.png")
    let levels: [[Float]] = [[10, 20, 30], [0, 255, 1]]
    let expected = levels.flatMap { color in color + color.map { $0 * $0 / 256 } }
    #expect(found.shape == [2, 6])
    // Of six equal numbers the mean is rounded once or twice.
    expectClose(found.elements, expected, tolerance: 1e-4)
    #expect(network.isStandard(features: 2048) && !network.isStandard(features: 6))
  }

  /// The module gives the means of the channels and their sum; of 10, 20 and 30 in units of the input's.
  @Test(arguments: [
    (FeatureNetwork.Input.unit, Float(255), Float(0)), (.levels, 1, 0), (.signed, 127.5, 1),
  ])
  func aModuleOfFloats(_ input: FeatureNetwork.Input, _ unit: Float, _ black: Float) throws {
    let network = try FeatureNetwork(fixture("Evaluation/plain.pt"), input: input, on: .cpu)
    let found = try network.features(of: [flat([10, 20, 30])], "a.png")
    let means: [Float] = [10 / unit - black, 20 / unit - black, 30 / unit - black]
    expectClose(found.elements, means + [means[0] + means[1] + means[2]], tolerance: 1e-4)
    #expect(!network.isStandard(features: 2048))
  }

  @Test func aModuleThatTakesNoBytes() throws {
    let file = fixture("Evaluation/plain.pt")
    let network = try FeatureNetwork(file, input: nil, on: .cpu)
    let text = error { _ = try network.features(of: [flat([1, 2, 3])], "a.png") }
    #expect(text.hasPrefix("\(file.relativePath): its code fails on a.png: "))
    #expect(
      text.hasSuffix(
        "; expected is a module that takes uint8 from 0 to 255, [batch, 3, height, width], and returns "
          + "[batch, features]; --features-input names floats"))
  }

  @Test(arguments: [
    ("def forward(self, x):\n  return x.float().sum()\n", "it returns [] for [1, 3, 2, 3]"),
    ("def forward(self, x):\n  return x.float()\n", "it returns [1, 3, 2, 3] for [1, 3, 2, 3]"),
    ("def forward(self, x):\n  return (x, x)\n", "it returns no tensor but Tuple"),
    (
      "def forward(self, x):\n  assert x.dim() == 9, 'only for dogs'\n  return x\n", "only for dogs"
    ),
    ("def forward(self, x, y):\n  return x + y\n", "y"),
    (
      "def forward(self, x):\n  return x.float().mean([2, 3]) / 0\n", "its features are not numbers"
    ),
  ])
  func whatAModuleDoesWrong(_ source: String, _ words: String) throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("module.pt")
      let file = try ReplacementFile(at: url)
      try ScriptedModule(source: source, tensors: [], buffers: [], metadata: [:]).write(to: file)
      try file.commit()
      let network = try FeatureNetwork(url, input: nil, on: .cpu)
      let text = error { _ = try network.features(of: [flat([1, 2, 3])], "a.png") }
      #expect(text.hasPrefix(url.path) && text.contains(words), "\(text)")
      #expect(!text.contains("\n"))
    }
  }

  @Test func filesThatAreNoNetwork() throws {
    let advice = "; expected is TorchScript or the weights of the FID's Inception network"
    let image = fixture("ImageSimilarity/flat.png")
    let ofImage = error { _ = try FeatureNetwork(image, input: nil, on: .cpu) }
    #expect(ofImage == "\(image.relativePath): not a weights file: it is a PNG image\(advice)")
    let weights = fixture("PyTorch/plain.pth")
    let ofWeights = error { _ = try FeatureNetwork(weights, input: nil, on: .cpu) }
    let missing = "Conv2d_1a_3x3.conv.weight is [32, 3, 3, 3]: here it is not there"
    #expect(
      ofWeights
        == "\(weights.relativePath): these weights are not Inception's, in which \(missing)\(advice)"
    )
    let ofPairs = error { _ = try PerceptualDistance(weights, on: .cpu) }
    let words = "not TorchScript: it is a file of torch.save; --lpips takes a module of TorchScript"
    #expect(ofPairs == "\(weights.relativePath): \(words)")
  }

  /// An archive of TorchScript whose end is missing.
  @Test func aDamagedModule() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("cut.pt")
      let whole = try Data(contentsOf: fixture("Evaluation/features.pt"))
      try whole.prefix(whole.count - 100).write(to: url)
      let text = error { _ = try FeatureNetwork(url, input: nil, on: .cpu) }
      #expect(text.hasPrefix("\(url.path): ") && !text.contains("\n"), "\(text)")
    }
  }

  /// torchvision's inception_v3 has 23,834,568 parameters without its auxiliary layers, of which the last layer has
  /// 2048 * 1000 + 1000.
  @Test func inceptionHasTheParametersOfTorchvisions() {
    let shapes = InceptionFeatures.shapes
    let learned = shapes.filter { !$0.name.contains("running") }.map { $0.shape.reduce(1, *) }
    let count = learned.reduce(0, +)
    #expect(count == 23_834_568 - 2_049_000)
    #expect(Set(shapes.map(\.name)).count == shapes.count)
    #expect(shapes.count == 94 * 5)
  }

  /// From black to white a mean absolute difference of 2, between gray levels 0 and 51 of 0.4; the squares of three
  /// means over 255 are 3 and 3 * 0.2^2.
  @Test func perceptualDistances() throws {
    let (black, white, dark) = (flat([0, 0, 0]), flat([255, 255, 255]), flat([51, 51, 51]))
    let distance = try PerceptualDistance(fixture("Evaluation/distance.pt"), on: .cpu)
    expectClose(try distance(black, white, "a.png"), 2, tolerance: 1e-6)
    expectClose(try distance(black, dark, "a.png"), 0.4, tolerance: 1e-6)
    let embedding = try PerceptualDistance(fixture("Evaluation/embedding.pt"), on: .cpu)
    expectClose(try embedding(black, white, "a.png"), 3, tolerance: 1e-6)
    expectClose(try embedding(black, dark, "a.png"), 0.12, tolerance: 1e-6)
  }
}
