import Torch

extension TiledGenerator {
  /// The output of a `ResNetGenerator`. Two maps at a quarter of the image's size are kept: what runs
  /// through the residual blocks, and what one block adds to it.
  func resNet(
    _ image: ImageMap, blocks: Int, _ finishedReading: () -> Void,
    _ progress: (Double) -> Void
  ) -> any FeatureMap {
    // In passes over the image, of which they are the most work; the last one follows.
    let passes = Double(5 + 3 * blocks + 1)
    var done = 0.0
    func advance() {
      done += 1
      progress(done / passes)
    }
    func normalized(_ map: any FeatureMap, by name: String, scale: Int) -> any FeatureMap {
      defer { advance() }
      return activated(map, measured(map, normalizedBy: name, scale: scale))
    }

    let full = normalized(
      convolved(ReflectedMap(input: image, padding: 3), "model.1"), by: "model.2", scale: 1)
    let half = normalized(convolved(full, "model.4", stride: 2), by: "model.5", scale: 2)
    let (trunk, normalization) = stored(
      convolved(half, "model.7", stride: 2), normalizedBy: "model.8", scale: 4)
    finishedReading()
    advance()

    let inner = residualBlocks(blocks, trunk, activated(trunk, normalization), advance)

    let up = 10 + blocks
    let larger = normalized(doubled(inner, "model.\(up)"), by: "model.\(up + 1)", scale: 2)
    let largest = normalized(doubled(larger, "model.\(up + 3)"), by: "model.\(up + 4)", scale: 1)
    return PointwiseMap(
      input: convolved(ReflectedMap(input: largest, padding: 3), "model.\(up + 7)")
    ) { $0.tanh() }
  }

  /// - Parameters:
  ///   - trunk: the memory that the blocks' sums are kept in.
  ///   - input: what the first block sees, computed from `trunk` element by element.
  private func residualBlocks(
    _ count: Int, _ trunk: StoredMap, _ input: any FeatureMap, _ advance: () -> Void
  ) -> any FeatureMap {
    guard count > 0 else { return input }
    let branch = StoredMap(like: trunk, dtype: plan.storage, device: device)
    let second = configuration.dropout ? 6 : 5
    var x = input
    for block in 0..<count {
      let name = "model.\(10 + block).conv_block"
      let inside = fill(
        branch, from: convolved(ReflectedMap(input: x, padding: 1), "\(name).1"),
        normalizedBy: "\(name).2", scale: 4)
      advance()
      let activated = activated(branch, inside)
      let outside = fill(
        branch, from: convolved(ReflectedMap(input: activated, padding: 1), "\(name).\(second)"),
        normalizedBy: "\(name).\(second + 1)", scale: 4)
      advance()
      let sum = SumMap(first: x, second: self.activated(branch, outside, slope: nil))
      trunk.fill(from: sum, side: side(at: 4))
      advance()
      x = trunk
    }
    return x
  }

  /// A convolution without padding, or a strided one, which has a padding of 1.
  private func convolved(
    _ map: any FeatureMap, _ name: String, stride: Int = 1
  ) -> any FeatureMap {
    ConvolutionMap(
      input: map, layer: layer(name), stride: stride, padding: stride == 1 ? 0 : 1)
  }

  private func doubled(_ map: any FeatureMap, _ name: String) -> any FeatureMap {
    TransposedConvolutionMap(
      input: map, layer: layer(name), stride: 2, padding: 1, outputPadding: 1)
  }
}
