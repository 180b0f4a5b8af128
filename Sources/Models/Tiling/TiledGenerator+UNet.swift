import Torch

extension TiledGenerator {
  /// The output of a `UNetGenerator`. The maps on the way down are kept from a quarter of the image's
  /// size on; each is let go when the way up has passed it.
  func uNet(
    _ image: ImageMap, downsamplings: Int, _ progress: (Double) -> Void
  ) -> any FeatureMap {
    let work = Double(2 * downsamplings)
    var done = 0.0
    func advance() {
      done += 1
      progress(done / work)
    }

    // encoded[k] is what comes out of level k's convolution, normalized but not activated; level 1 is at
    // half the image's size.
    var encoded: [Int: any FeatureMap] = [1: shrunk(image, "model.model.0")]
    for level in 2...downsamplings {
      let name = Self.block(level)
      let down = shrunk(
        PointwiseMap(input: encoded[level - 1]!) { $0.leakyReLU(slope: 0.2) }, "\(name).1")
      encoded[level] = kept(
        down, normalizedBy: level == downsamplings ? nil : "\(name).2", scale: 1 << level)
      advance()
    }

    // decoded is what level k + 1 hands up beside encoded[k].
    var decoded: (any FeatureMap)?
    for level in (2...downsamplings).reversed() {
      let name = Self.block(level)
      let isInnermost = level == downsamplings
      let up = grown(joined(encoded[level]!, decoded), "\(name).\(isInnermost ? 3 : 5)")
      let norm = "\(name).\(isInnermost ? 4 : 6)"
      if level > 2 {
        decoded = kept(up, normalizedBy: norm, scale: 1 << (level - 1))
        encoded[level] = nil
      } else {
        decoded = activated(up, measured(up, normalizedBy: norm, scale: 2), slope: nil)
      }
      advance()
    }
    let output = grown(joined(encoded[1]!, decoded), "model.model.3")
    return PointwiseMap(input: output) { $0.tanh() }
  }

  /// The state-dict name of the layers inside level 2 and below.
  private static func block(_ level: Int) -> String {
    "model.model.1.model" + String(repeating: ".3.model", count: level - 2)
  }

  /// A map in memory, normalized where a name is given.
  private func kept(
    _ map: any FeatureMap, normalizedBy name: String?, scale: Int
  ) -> any FeatureMap {
    if let name {
      let (stored, normalization) = stored(map, normalizedBy: name, scale: scale)
      return activated(stored, normalization, slope: nil)
    }
    let stored = StoredMap(like: map, dtype: plan.storage, device: device)
    stored.fill(from: map, side: side(at: scale))
    return stored
  }

  /// What the way up reads at one level: the skip connection and the level below, through a ReLU.
  private func joined(_ skip: any FeatureMap, _ below: (any FeatureMap)?) -> any FeatureMap {
    PointwiseMap(input: below.map { StackedMap(first: skip, second: $0) } ?? skip) {
      $0.leakyReLU(slope: 0)
    }
  }

  private func shrunk(_ map: any FeatureMap, _ name: String) -> any FeatureMap {
    ConvolutionMap(input: map, layer: layer(name), stride: 2, padding: 1)
  }

  private func grown(_ map: any FeatureMap, _ name: String) -> any FeatureMap {
    TransposedConvolutionMap(
      input: map, layer: layer(name), stride: 2, padding: 1, outputPadding: 0)
  }
}
