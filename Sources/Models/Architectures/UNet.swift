import Torch

/// An encoder that halves the image `downsamplings` times and a decoder that doubles it as often, with
/// a skip connection at every size.
///
/// Takes `[batch, inputChannels, height, width]` in [-1, 1] and returns the same with `outputChannels`.
/// Source: arXiv 1611.07004, section 6.1.1; `UnetGenerator` in networks.py, whose state-dict keys these are.
struct UNet: GeneratorArchitecture {
  let downsamplings: Int

  var sizeMultiple: Int { 1 << downsamplings }
  var minimumSize: Int { 1 << downsamplings }
  var summary: String { "U-Net generator, \(downsamplings) downsamplings" }

  /// Traps for fewer than 5 downsamplings: the channel plan has five fixed levels.
  func network(_ c: GeneratorConfiguration) -> any Module {
    precondition(downsamplings >= 5, "a U-Net of \(downsamplings) downsamplings")
    let (filters, bias) = (c.baseChannels, c.normalization.needsConvolutionBias)
    func down(_ from: Int, _ to: Int) -> any Module {
      Conv2d(
        inputChannels: from, outputChannels: to, kernelSize: 4, stride: 2, padding: 1, bias: bias)
    }
    func up(_ from: Int, _ to: Int, bias: Bool) -> any Module {
      ConvTranspose2d(
        inputChannels: from, outputChannels: to, kernelSize: 4, stride: 2, padding: 1, bias: bias)
    }
    /// One size: down to `inner` channels, whatever is inside, up; the input beside the output.
    ///
    /// The reference's in-place leaky ReLU changes the input before it is concatenated; since a ReLU follows
    /// the concatenation, and leaves only the positive part, the plain input gives the same.
    func level(outer: Int, inner: Int, _ inside: (any Module)?, dropout: Bool = false) -> any Module {
      var layers: [any Module] = [LeakyReLU(slope: 0.2), down(outer, inner)]
      if let inside { layers += [c.normalization.layer(channels: inner), inside] }
      layers += [
        LeakyReLU.relu(), up(inside == nil ? inner : inner * 2, outer, bias: bias),
        c.normalization.layer(channels: outer),
      ]
      if dropout { layers.append(Dropout(probability: 0.5)) }
      return Skip(.channels, around: layers, name: "model")
    }

    // From the bottleneck outwards.
    let widest = filters * 8
    var inside = level(outer: widest, inner: widest, nil)
    for _ in 0..<(downsamplings - 5) {
      inside = level(outer: widest, inner: widest, inside, dropout: c.dropout)
    }
    for channels in [filters * 4, filters * 2, filters] {
      inside = level(outer: channels, inner: channels * 2, inside)
    }
    let outermost = Sequential([
      down(c.inputChannels, filters), inside, LeakyReLU.relu(),
      up(filters * 2, c.outputChannels, bias: true), Tanh(),
    ])
    return Named("model", Named("model", outermost))
  }

  static func configuration(inferredFrom shapes: [String: [Int]]) -> GeneratorConfiguration? {
    guard let first = shapes["model.model.0.weight"], first.count == 4, first[0] > 0,
      first[1] > 0, first[2...] == [4, 4],
      let last = shapes["model.model.3.weight"], last.count == 4, last[1] > 0
    else { return nil }
    let filters = first[0]
    // The way up reads the skip connection as well. A whole shape has to fit, or a tensor without elements,
    // which costs its file nothing, could claim any number of channels.
    guard last[0] == filters * 2, last[2...] == [4, 4] else { return nil }
    var downsamplings = 1
    var prefix = "model.model.1"
    while let shape = shapes["\(prefix).model.1.weight"] {
      let outer = filters * min(1 << min(downsamplings - 1, 3), 8)
      let inner = filters * min(1 << min(downsamplings, 3), 8)
      guard shape == [inner, outer, 4, 4] else { return nil }
      downsamplings += 1
      prefix += ".model.3"
    }
    // Fewer have no middle; more than 16 would need images of more than 65,536 pixels a side.
    guard (5...16).contains(downsamplings) else { return nil }
    var result = GeneratorConfiguration()
    result.architecture = .uNet(downsamplings: downsamplings)
    result.baseChannels = filters
    result.inputChannels = first[1]
    result.outputChannels = last[1]
    result.normalization = Normalization(inferredFrom: shapes, firstConvolution: "model.model.0")
    return result
  }
}
