extension SampleModelConfiguration {
  /// What a state dict's names and shapes say about the generator of samples they belong to; `nil` if
  /// they are none's.
  ///
  /// Every size that is taken over has been seen in a whole shape, so that the network is no larger than
  /// its file. Dropout leaves no trace and does not matter outside training.
  package init?(inferredFrom shapes: [String: [Int]]) {
    self.init()
    guard let first = shapes["main.0.weight"] else { return nil }
    let found = first.count == 4 ? inferDCGAN(shapes, first) : inferMLP(shapes, first)
    guard found else { return nil }
  }

  /// What kind of discriminator a file's tensors belong to, in words; for a file that says it is one.
  package static func discriminatorSummary(_ shapes: [String: [Int]]) -> String? {
    if shapes["encoder.0.weight"]?.count == 4 { return "DCGAN autoencoder discriminator" }
    guard let first = shapes["main.0.weight"] else { return nil }
    if first.count == 4 {
      return "DCGAN discriminator, \(first[0]) filters, \(counted(first[1], "channel"))"
    }
    let widths = (0..<shapes.count).compactMap { shapes["main.\(2 * $0).weight"]?.first }
    guard first.count == 2, let last = widths.last else { return nil }
    let words = widths.dropLast().map(String.init).joined(separator: ",")
    return last == 1
      ? "fully connected discriminator, hidden \(words)"
      : "fully connected autoencoder discriminator, hidden \(words)"
  }

  private mutating func inferDCGAN(_ shapes: [String: [Int]], _ first: [Int]) -> Bool {
    guard first.allSatisfy({ $0 > 0 }), first[2] == first[3], [4, 7].contains(first[2]) else {
      return false
    }
    // Of the feature maps, and last the image's.
    var widths = [first[1]]
    var side = first[2]
    while let shape = shapes["main.\(3 * widths.count).weight"] {
      guard shape.count == 4, shape[0] == widths[widths.count - 1], shape[1] > 0,
        shape[2...] == [4, 4], side < 128
      else { return false }
      side *= 2
      widths.append(shape[1])
    }
    let imageChannels = widths.removeLast()
    guard let filters = widths.last, imageChannels == 1 || imageChannels == 3,
      Self.convolutionalSizes.contains(side), first[2] == (side == 28 ? 7 : 4),
      // Each width is half of the one before, so that a plan from the last reaches no larger number.
      zip(widths, widths.dropFirst()).allSatisfy({ $0.isMultiple(of: 2) && $0 / 2 == $1 }),
      DCGANPlan(size: side, filters: filters).channels == widths
    else { return false }
    architecture = .dcgan(filters: filters)
    (size, channels, latent) = (side, imageChannels, first[0])
    return true
  }

  private mutating func inferMLP(_ shapes: [String: [Int]], _ first: [Int]) -> Bool {
    var widths: [Int] = []
    var layer = 0
    while let shape = shapes["main.\(layer).weight"] {
      guard shape.count == 2, shape.allSatisfy({ $0 > 0 }),
        widths.isEmpty || widths[widths.count - 1] == shape[1]
      else { return false }
      if widths.isEmpty { widths.append(shape[1]) }
      widths.append(shape[0])
      layer += 2
    }
    guard let pixels = widths.last, let input = widths.first else { return false }
    // A number of pixels is that of a square with one channel, or three times that, never both.
    let gray = Self.squareRoot(pixels)
    guard let side = gray ?? (pixels % 3 == 0 ? Self.squareRoot(pixels / 3) : nil) else {
      return false
    }
    // A discriminator ends in one score; images of one pixel are none of ours.
    guard side >= 2 else { return false }
    architecture = .mlp(hidden: Array(widths.dropFirst().dropLast()))
    (size, channels, latent) = (side, gray == nil ? 3 : 1, input)
    return true
  }

  /// Of a positive number, if it is a whole one.
  private static func squareRoot(_ square: Int) -> Int? {
    let root = Int(Double(square).squareRoot().rounded())
    return square / root == root && square.isMultiple(of: root) ? root : nil
  }
}
