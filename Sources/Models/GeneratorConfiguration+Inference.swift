extension GeneratorConfiguration {
  /// What a state dict's names and shapes say about the generator it belongs to; `nil` if it is none.
  ///
  /// Every repeated part that is counted has been seen with its full shape, so that a network of this
  /// configuration is no more than a few times as large as the file it came from.
  package init?(inferredFrom shapes: [String: [Int]]) {
    self.init()
    let found = inferResNet(shapes) || inferUNet(shapes)
    guard found else { return nil }
    if shapes.keys.contains(where: { $0.hasSuffix(".running_mean") }) {
      normalization = .batch
    } else {
      // Convolutions in the middle have a bias with instance norm only.
      let firstBias = ["model.1.bias", "model.model.0.bias"]
      normalization = firstBias.contains { shapes[$0] != nil } ? .instance : .none
    }
  }

  private mutating func inferResNet(_ shapes: [String: [Int]]) -> Bool {
    guard let first = shapes["model.1.weight"], first.count == 4, first[0] > 0, first[1] > 0,
      first[2...] == [7, 7]
    else { return false }
    let filters = first[0]
    guard shapes["model.4.weight"] == [filters * 2, filters, 3, 3],
      shapes["model.7.weight"] == [filters * 4, filters * 2, 3, 3]
    else { return false }
    let blockShape = [filters * 4, filters * 4, 3, 3]
    var blocks = 0
    while shapes["model.\(10 + blocks).conv_block.1.weight"] == blockShape { blocks += 1 }
    // The last convolution stands after two groups of three layers and a padding; its whole shape has to
    // fit as well.
    guard let last = shapes["model.\(10 + blocks + 7).weight"], last.count == 4, last[0] > 0,
      last[1...] == [filters, 7, 7]
    else { return false }
    architecture = .resNet(blocks: blocks)
    baseChannels = filters
    inputChannels = first[1]
    outputChannels = last[0]
    dropout = shapes["model.10.conv_block.6.weight"] == blockShape
    return true
  }

  private mutating func inferUNet(_ shapes: [String: [Int]]) -> Bool {
    guard let first = shapes["model.model.0.weight"], first.count == 4, first[0] > 0,
      first[1] > 0, first[2...] == [4, 4],
      let last = shapes["model.model.3.weight"], last.count == 4, last[1] > 0
    else { return false }
    let filters = first[0]
    // The way up reads the skip connection as well. A whole shape has to fit, or a tensor without elements,
    // which costs its file nothing, could claim any number of channels.
    guard last[0] == filters * 2, last[2...] == [4, 4] else { return false }
    var downsamplings = 1
    var prefix = "model.model.1"
    while let shape = shapes["\(prefix).model.1.weight"] {
      let outer = filters * min(1 << min(downsamplings - 1, 3), 8)
      let inner = filters * min(1 << min(downsamplings, 3), 8)
      guard shape == [inner, outer, 4, 4] else { return false }
      downsamplings += 1
      prefix += ".model.3"
    }
    // Fewer have no middle; more than 16 would need images of more than 65,536 pixels a side.
    guard (5...16).contains(downsamplings) else { return false }
    architecture = .uNet(downsamplings: downsamplings)
    baseChannels = filters
    inputChannels = first[1]
    outputChannels = last[1]
    return true
  }
}
