import Files
import Foundation
import Torch

/// The Inception network whose features the FID is made of, from a file with its weights: PyTorch's port of the
/// network in Google's archive inception-2015-12-05, `pt_inception-2015-12-05-6726825d.pth`.
///
/// It is Inception v3 (arXiv 1512.00567) up to the pool before its last layer, with averages that leave the padding
/// out and, in the last block, the largest value in the place of an average. Names of tensors are torchvision's.
struct InceptionFeatures {
  /// Layers, from which names and shapes of the weights follow as well as what is computed.
  private indirect enum Layer {
    /// A convolution without bias, batch norm and ReLU.
    case convolution(
      String, Int, kernel: (Int, Int) = (1, 1), stride: Int = 1, isPadded: Bool = true)
    /// Of 3x3 pixels.
    case maximum(stride: Int)
    /// Of 3x3 pixels, one for each pixel.
    case average
    case chain([Layer])
    /// The channels of several, one after the other.
    case branches([Layer])
  }

  static let count = 2048
  private static let side = 299
  private static let eps = 0.001

  private static func part(_ name: String, _ branches: [Layer]) -> Layer {
    .branches(branches.map { named(name, $0) })
  }

  /// The same layers below a module of this name.
  private static func named(_ name: String, _ layer: Layer) -> Layer {
    switch layer {
    case .convolution(let own, let outputs, let kernel, let stride, let isPadded):
      .convolution("\(name).\(own)", outputs, kernel: kernel, stride: stride, isPadded: isPadded)
    case .chain(let layers): .chain(layers.map { named(name, $0) })
    case .branches(let layers): .branches(layers.map { named(name, $0) })
    case .maximum, .average: layer
    }
  }

  private static func blockA(_ name: String, pool: Int) -> Layer {
    part(
      name,
      [
        .convolution("branch1x1", 64),
        .chain([.convolution("branch5x5_1", 48), .convolution("branch5x5_2", 64, kernel: (5, 5))]),
        .chain([
          .convolution("branch3x3dbl_1", 64), .convolution("branch3x3dbl_2", 96, kernel: (3, 3)),
          .convolution("branch3x3dbl_3", 96, kernel: (3, 3)),
        ]),
        .chain([.average, .convolution("branch_pool", pool)]),
      ])
  }

  private static func blockC(_ name: String, inner: Int) -> Layer {
    part(
      name,
      [
        .convolution("branch1x1", 192),
        .chain([
          .convolution("branch7x7_1", inner), .convolution("branch7x7_2", inner, kernel: (1, 7)),
          .convolution("branch7x7_3", 192, kernel: (7, 1)),
        ]),
        .chain([
          .convolution("branch7x7dbl_1", inner),
          .convolution("branch7x7dbl_2", inner, kernel: (7, 1)),
          .convolution("branch7x7dbl_3", inner, kernel: (1, 7)),
          .convolution("branch7x7dbl_4", inner, kernel: (7, 1)),
          .convolution("branch7x7dbl_5", 192, kernel: (1, 7)),
        ]),
        .chain([.average, .convolution("branch_pool", 192)]),
      ])
  }

  private static func blockE(_ name: String, pool: Layer) -> Layer {
    func split(_ name: String) -> Layer {
      .branches([
        .convolution("\(name)a", 384, kernel: (1, 3)),
        .convolution("\(name)b", 384, kernel: (3, 1)),
      ])
    }
    return part(
      name,
      [
        .convolution("branch1x1", 320),
        .chain([.convolution("branch3x3_1", 384), split("branch3x3_2")]),
        .chain([
          .convolution("branch3x3dbl_1", 448), .convolution("branch3x3dbl_2", 384, kernel: (3, 3)),
          split("branch3x3dbl_3"),
        ]),
        .chain([pool, .convolution("branch_pool", 192)]),
      ])
  }

  private static func halving(_ name: String, _ outputs: Int) -> Layer {
    .convolution(name, outputs, kernel: (3, 3), stride: 2, isPadded: false)
  }

  private static let network = Layer.chain([
    halving("Conv2d_1a_3x3", 32),
    .convolution("Conv2d_2a_3x3", 32, kernel: (3, 3), isPadded: false),
    .convolution("Conv2d_2b_3x3", 64, kernel: (3, 3)), .maximum(stride: 2),
    .convolution("Conv2d_3b_1x1", 80),
    .convolution("Conv2d_4a_3x3", 192, kernel: (3, 3), isPadded: false), .maximum(stride: 2),
    blockA("Mixed_5b", pool: 32), blockA("Mixed_5c", pool: 64), blockA("Mixed_5d", pool: 64),
    part(
      "Mixed_6a",
      [
        halving("branch3x3", 384),
        .chain([
          .convolution("branch3x3dbl_1", 64), .convolution("branch3x3dbl_2", 96, kernel: (3, 3)),
          halving("branch3x3dbl_3", 96),
        ]),
        .maximum(stride: 2),
      ]),
    blockC("Mixed_6b", inner: 128), blockC("Mixed_6c", inner: 160), blockC("Mixed_6d", inner: 160),
    blockC("Mixed_6e", inner: 192),
    part(
      "Mixed_7a",
      [
        .chain([.convolution("branch3x3_1", 192), halving("branch3x3_2", 320)]),
        .chain([
          .convolution("branch7x7x3_1", 192), .convolution("branch7x7x3_2", 192, kernel: (1, 7)),
          .convolution("branch7x7x3_3", 192, kernel: (7, 1)), halving("branch7x7x3_4", 192),
        ]),
        .maximum(stride: 2),
      ]),
    blockE("Mixed_7b", pool: .average), blockE("Mixed_7c", pool: .maximum(stride: 1)),
  ])

  /// A convolution's weight and bias, with its batch norm in them.
  private var weights: [String: (weight: Tensor, bias: Tensor)] = [:]

  /// Throws `FileError` for a file of weights that are not this network's; its last layer may be there or not.
  init(_ url: URL, on device: Device) throws(FileError) {
    let file = try WeightsFile(url)
    let shapes = file.shapes
    let expected = Self.shapes
    let wrong = expected.first { shapes[$0.name] != $0.shape }
    if let wrong {
      let found = shapes[wrong.name].map { "has the shape \($0)" } ?? "is not there"
      throw FileError(
        path: url.relativePath,
        reason:
          "these weights are not Inception's, in which \(wrong.name) is \(wrong.shape): here it \(found)"
      )
    }
    let tensors = try file.read()
    func tensor(_ name: String) -> Tensor { tensors[name]!.converted(to: .float32) }
    for (name, _) in expected where name.hasSuffix(".conv.weight") {
      let convolution = String(name.dropLast(".conv.weight".count))
      // y = (x - mean) * scale + bias
      let deviation = (tensor("\(convolution).bn.running_var") + Self.eps).squareRoot()
      let scale = tensor("\(convolution).bn.weight") / deviation
      let bias =
        tensor("\(convolution).bn.bias") - tensor("\(convolution).bn.running_mean") * scale
      weights[convolution] = (
        (tensor(name) * scale.reshaped([-1, 1, 1, 1])).moved(to: device), bias.moved(to: device)
      )
    }
  }

  /// What the file has to hold.
  static let shapes: [(name: String, shape: [Int])] = {
    var found: [(name: String, shape: [Int])] = []
    _ = collect(network, inputs: 3, &found)
    return found
  }()

  /// Returns the channels that a layer makes of `inputs`.
  private static func collect(
    _ layer: Layer, inputs: Int, _ found: inout [(name: String, shape: [Int])]
  ) -> Int {
    switch layer {
    case .convolution(let name, let outputs, let kernel, _, _):
      found.append(("\(name).conv.weight", [outputs, inputs, kernel.0, kernel.1]))
      for part in ["weight", "bias", "running_mean", "running_var"] {
        found.append(("\(name).bn.\(part)", [outputs]))
      }
      return outputs
    case .maximum, .average: return inputs
    case .chain(let layers): return layers.reduce(inputs) { collect($1, inputs: $0, &found) }
    case .branches(let layers):
      return layers.reduce(0) { $0 + collect($1, inputs: inputs, &found) }
    }
  }

  /// - Parameter images: `[batch, 3, height, width]` from -1 to 1.
  /// - Returns: `[batch, 2048]`.
  func features(of images: Tensor) -> Tensor {
    output(Self.network, images.resizedBilinearly(height: Self.side, width: Self.side))
      .mean(axes: [2, 3]).reshaped([images.shape[0], Self.count])
  }

  private func output(_ layer: Layer, _ x: Tensor) -> Tensor {
    switch layer {
    case .convolution(let name, _, let kernel, let stride, let isPadded):
      let (weight, bias) = weights[name]!
      return x.conv2d(
        weight: weight, bias: bias, stride: stride,
        verticalPadding: isPadded ? kernel.0 / 2 : 0,
        horizontalPadding: isPadded ? kernel.1 / 2 : 0
      ).leakyReLU(slope: 0)
    case .maximum(let stride):
      return x.maxPooled(size: 3, stride: stride, padding: stride == 1 ? 1 : 0)
    case .average: return x.averagePooled(size: 3, stride: 1, padding: 1)
    case .chain(let layers): return layers.reduce(x) { output($1, $0) }
    case .branches(let layers): return .concatenated(layers.map { output($0, x) }, axis: 1)
    }
  }
}
