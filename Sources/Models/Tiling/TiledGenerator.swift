import Torch

/// A trained generator that works through an image in tiles, for images whose feature maps do not fit
/// in memory.
///
/// Convolutions see only a few pixels around, so that a tile is computed exactly from a slightly larger
/// one. Instance norm sees the whole image: before a normalized map is used, one pass over its tiles
/// gathers mean and variance. Maps at a quarter of the image's size and below are kept between passes;
/// larger ones are computed again from them, which costs an eighth more arithmetic in the default network.
/// The result is the whole image's up to rounding, and no tile shows.
package struct TiledGenerator {
  /// How the work is cut up.
  package struct Plan: Sendable, Equatable {
    /// Side of a tile of the image, in pixels.
    package var side: Int
    /// Number format of the maps that are kept.
    package var storage: DType

    package init(side: Int, storage: DType) {
      self.side = side
      self.storage = storage
    }
  }

  let configuration: GeneratorConfiguration
  let plan: Plan
  let device: Device
  private let parameters: [String: Tensor]

  /// - Parameter generator: made from `configuration`; its weights are on `device`.
  package init(
    _ generator: any Module, _ configuration: GeneratorConfiguration, plan: Plan, device: Device
  ) {
    self.configuration = configuration
    self.plan = plan
    self.device = device
    parameters = Dictionary(
      uniqueKeysWithValues: generator.namedParameters().map { ($0.name, $0.value.tensor) })
  }

  /// Computes an image's translation and hands it out in tiles, which cover it without overlap.
  ///
  /// - Parameters:
  ///   - height: the image's, with `width`; multiples of what the network takes.
  ///   - read: any part of the image, `[1, inputChannels, rows, columns]` in [-1, 1].
  ///   - finishedReading: called when `read` will not be called any more, if that is before the end.
  ///   - progress: called between passes with the part of the work that is done, from 0 to 1.
  ///   - write: a part of the result, `[1, outputChannels, rows, columns]`.
  package func translate(
    height: Int, width: Int, read: @escaping (_ rows: Range<Int>, _ columns: Range<Int>) -> Tensor,
    finishedReading: () -> Void = {}, progress: (Double) -> Void,
    write: (_ top: Int, _ left: Int, Tensor) -> Void
  ) {
    let image = ImageMap(
      height: height, width: width, channels: configuration.inputChannels, device: device,
      read: read)
    withoutGradients {
      let output =
        switch configuration.architecture {
        case .resNet(let blocks): resNet(image, blocks: blocks, finishedReading, progress)
        case .uNet(let downsamplings): uNet(image, downsamplings: downsamplings, progress)
        }
      for region in output.tiles(side: plan.side).joined() {
        write(region.rows.lowerBound, region.columns.lowerBound, output.tensor(in: region))
      }
      progress(1)
    }
  }
}

// What both architectures are put together from.
extension TiledGenerator {
  /// The layer of this state-dict name. Traps if the generator has none.
  func layer(_ name: String) -> LayerWeights {
    guard let weight = parameters["\(name).weight"] else {
      preconditionFailure("no \(name).weight")
    }
    return LayerWeights(weight: weight, bias: parameters["\(name).bias"])
  }

  /// The side of a tile of a map whose size is that of the image divided by `scale`.
  func side(at scale: Int) -> Int { max(plan.side / scale, 16) }

  /// A map kept in memory, and what the normalization layer of this name makes of it.
  func stored(
    _ map: any FeatureMap, normalizedBy name: String, scale: Int
  ) -> (map: StoredMap, normalization: ChannelScaling?) {
    let stored = StoredMap(like: map, dtype: plan.storage, device: device)
    return (stored, fill(stored, from: map, normalizedBy: name, scale: scale))
  }

  /// Replaces a stored map and returns its normalization.
  func fill(
    _ stored: StoredMap, from map: any FeatureMap, normalizedBy name: String, scale: Int
  ) -> ChannelScaling? {
    guard configuration.normalization == .instance else {
      stored.fill(from: map, side: side(at: scale))
      return learnedNormalization(name)
    }
    var statistics = ChannelStatistics(channels: map.channels)
    stored.fill(from: map, side: side(at: scale)) { statistics.add($0) }
    return statistics.normalization(eps: 1e-5, on: device)
  }

  /// The normalization of a map that is not kept; for instance norm, one pass over it.
  func measured(
    _ map: any FeatureMap, normalizedBy name: String, scale: Int
  ) -> ChannelScaling? {
    guard configuration.normalization == .instance else { return learnedNormalization(name) }
    var statistics = ChannelStatistics(channels: map.channels)
    for region in map.tiles(side: side(at: scale)).joined() {
      statistics.add(map.tensor(in: region))
    }
    return statistics.normalization(eps: 1e-5, on: device)
  }

  /// Batch norm by its running statistics; nil where nothing is normalized.
  private func learnedNormalization(_ name: String) -> ChannelScaling? {
    guard configuration.normalization == .batch else { return nil }
    func values(_ parameter: String) -> [Double] {
      guard let tensor = parameters["\(name).\(parameter)"] else {
        preconditionFailure("no \(name).\(parameter)")
      }
      return tensor.elements.map(Double.init)
    }
    let scales = zip(values("weight"), values("running_var")).map { weight, variance in
      weight / (variance + 1e-5).squareRoot()
    }
    return ChannelScaling(
      means: values("running_mean"), scales: scales, shifts: values("bias"), on: device)
  }

  /// A map normalized, and through a leaky ReLU where a slope is given.
  func activated(
    _ map: any FeatureMap, _ normalization: ChannelScaling?, slope: Double? = 0
  ) -> any FeatureMap {
    PointwiseMap(input: map) { x in
      let normalized = normalization.map { $0(x) } ?? x
      return slope.map { normalized.leakyReLU(slope: $0) } ?? normalized
    }
  }
}
