import Torch

/// The networks of the original GAN: fully connected layers of the widths `hidden` between the two ends.
/// Source: arXiv 1406.2661.
struct FullyConnected: SampleArchitecture {
  let hidden: [Int]

  let initialization = Initialization.xavier(gain: 1)

  func generator(_ c: SampleModelConfiguration) -> any Module {
    MLPGenerator(
      size: c.size, channels: c.channels, latent: c.latent, hidden: hidden,
      dropout: c.generatorDropout)
  }

  func discriminator(_ c: SampleModelConfiguration) -> any Module {
    c.discriminatorIsAutoencoder
      ? MLPAutoencoder(
        size: c.size, channels: c.channels, latent: c.latent, hidden: hidden,
        dropout: c.discriminatorDropout)
      : MLPDiscriminator(
        size: c.size, channels: c.channels, hidden: hidden, dropout: c.discriminatorDropout)
  }

  func summary(of images: String, latent: Int) -> String {
    let widths = hidden.map(String.init).joined(separator: ",")
    return "fully connected generator, \(images), hidden \(widths), latent \(latent)"
  }

  static func configuration(inferredFrom shapes: [String: [Int]]) -> SampleModelConfiguration? {
    var widths: [Int] = []
    var layer = 0
    while let shape = shapes["main.\(layer).weight"] {
      guard shape.count == 2, shape.allSatisfy({ $0 > 0 }),
        widths.isEmpty || widths[widths.count - 1] == shape[1]
      else { return nil }
      if widths.isEmpty { widths.append(shape[1]) }
      widths.append(shape[0])
      layer += 2
    }
    guard let pixels = widths.last, let input = widths.first else { return nil }
    // A number of pixels is that of a square with one channel, or three times that, never both.
    let gray = squareRoot(pixels)
    guard let side = gray ?? (pixels % 3 == 0 ? squareRoot(pixels / 3) : nil) else {
      return nil
    }
    // A discriminator ends in one score; images of one pixel are none of ours.
    guard side >= 2 else { return nil }
    var result = SampleModelConfiguration()
    result.architecture = .mlp(hidden: Array(widths.dropFirst().dropLast()))
    (result.size, result.channels, result.latent) = (side, gray == nil ? 3 : 1, input)
    return result
  }

  /// Of a positive number, if it is a whole one.
  private static func squareRoot(_ square: Int) -> Int? {
    let root = Int(Double(square).squareRoot().rounded())
    return square / root == root && square.isMultiple(of: root) ? root : nil
  }

  static func discriminatorSummary(_ shapes: [String: [Int]]) -> String? {
    let widths = (0..<shapes.count).compactMap { shapes["main.\(2 * $0).weight"]?.first }
    guard shapes["main.0.weight"]?.count == 2, let last = widths.last else { return nil }
    let words = widths.dropLast().map(String.init).joined(separator: ",")
    return last == 1
      ? "fully connected discriminator, hidden \(words)"
      : "fully connected autoencoder discriminator, hidden \(words)"
  }
}

/// Fully connected layers of the widths given, with an activation after each but the last.
/// - Parameter slope: of the leaky ReLU; 0 makes it a ReLU.
func linearLayers(_ widths: [Int], slope: Double, dropout: Double) -> [any Module] {
  zip(widths, widths.dropFirst()).enumerated().flatMap { index, ends -> [any Module] in
    let linear = Linear(inputs: ends.0, outputs: ends.1)
    return index + 2 == widths.count
      ? [linear] : [linear, HiddenActivation(slope: slope, dropout: dropout)]
  }
}

/// The generator of the original GAN: fully connected layers with ReLU, tanh at the end.
///
/// Takes latents `[batch, latent]` and returns images `[batch, channels, size, size]` in [-1, 1].
/// Source: arXiv 1406.2661, section 5.
package final class MLPGenerator: Module {
  private let main: Sequential
  let size: Int
  let channels: Int

  init(size: Int, channels: Int, latent: Int, hidden: [Int], dropout: Double) {
    self.size = size
    self.channels = channels
    main = Sequential(
      linearLayers(
        [latent] + hidden + [channels * size * size], slope: 0, dropout: dropout) + [Tanh()])
  }

  package var children: [(name: String, module: any Module)] { [("main", main)] }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    main(x, mode).reshaped([x.shape[0], channels, size, size])
  }
}

/// The discriminator of the original GAN: fully connected layers with leaky ReLU of slope 0.2, the
/// generator's widths in reverse.
///
/// Takes `[batch, channels, size, size]` and returns raw scores `[batch, 1]`.
package final class MLPDiscriminator: Module {
  private let main: Sequential

  init(size: Int, channels: Int, hidden: [Int], dropout: Double) {
    main = Sequential(
      linearLayers([channels * size * size] + hidden.reversed() + [1], slope: 0.2, dropout: dropout)
    )
  }

  package var children: [(name: String, module: any Module)] { [("main", main)] }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    main(x.flattened, mode)
  }
}

/// BEGAN's discriminator from fully connected layers: down to `latent` numbers and back to the image,
/// without tanh.
///
/// Takes and returns `[batch, channels, size, size]`. Source: arXiv 1703.10717, section 3.5.
package final class MLPAutoencoder: Module {
  private let main: Sequential

  init(size: Int, channels: Int, latent: Int, hidden: [Int], dropout: Double) {
    let pixels = channels * size * size
    main = Sequential(
      linearLayers(
        [pixels] + hidden.reversed() + [latent] + hidden + [pixels], slope: 0.2, dropout: dropout))
  }

  package var children: [(name: String, module: any Module)] { [("main", main)] }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    main(x.flattened, mode).reshaped(x.shape)
  }
}

extension Tensor {
  /// `[batch, ...]` as `[batch, everything else]`.
  var flattened: Tensor { reshaped([shape[0], elementCount / shape[0]]) }
}
