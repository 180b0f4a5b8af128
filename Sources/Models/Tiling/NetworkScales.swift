import Torch

/// What a network's layers do for each pixel of its input, read off the layers: work, memory and how far
/// they shrink it. Borders are not counted.
struct NetworkScales {
  /// Multiplications (each with an addition) of all convolutions for each pixel of the input.
  private(set) var multiplyAddsPerPixel = 0.0
  /// How many numbers for each pixel of the input are there at one time: a layer's input, its output and one
  /// of them once more, such as padded, beside what goes around it.
  private(set) var elementsPerPixel = 0.0
  /// What the sides of the input are divided by in the smallest map.
  private(set) var largestScale = 1
  /// Of the map that has been reached: what the input's sides are divided by, and its channels.
  private var scale = 1.0
  private var channels = 0
  private var heldAside = 0.0

  init(of network: any Module) { visit(network) }

  /// Of a plain pass over so many pixels, in float32.
  func bytes(pixels: Int) -> Int {
    let bytes = Double(pixels) * elementsPerPixel * Double(DType.float32.byteCount)
    return Int(min(bytes, 1e18))
  }

  private var elements: Double { Double(channels) / (scale * scale) }

  private mutating func visit(_ module: any Module) {
    let before = elements
    switch module {
    case let layer as Conv2d:
      let shape = layer.weight.tensor.shape
      scale *= Double(layer.stride)
      channels = shape[0]
      multiplyAddsPerPixel += Double(shape.reduce(1, *)) / (scale * scale)
    case let layer as SpectralConv2d:
      visit(layer.convolution)
      return
    case let layer as ConvTranspose2d:
      let shape = layer.weight.tensor.shape
      multiplyAddsPerPixel += Double(shape.reduce(1, *)) / (scale * scale)
      scale /= Double(layer.stride)
      channels = shape[1]
    case let layer as SmoothedConvTranspose2d:
      visit(layer.convolution)
      // The filter's input, padded, and its output.
      multiplyAddsPerPixel += 9 * elements
      elementsPerPixel = max(elementsPerPixel, heldAside + 3 * elements)
      return
    case let layer as BilinearConv2d:
      let shape = layer.weight.tensor.shape
      scale /= 2
      // The doubled map is there beside the padded one.
      elementsPerPixel = max(elementsPerPixel, heldAside + before + 2 * elements)
      channels = shape[0]
      multiplyAddsPerPixel += Double(shape.reduce(1, *)) / (scale * scale)
    case let skip as Skip:
      heldAside += before
      for layer in skip.layers.layers { visit(layer) }
      heldAside -= before
      if skip.joining == .channels { channels += Int((before * scale * scale).rounded()) }
    case let sequential as Sequential:
      for layer in sequential.layers { visit(layer) }
      return
    default:
      let children = module.children
      for (_, child) in children { visit(child) }
      if !children.isEmpty { return }
    }
    let (smaller, larger) = (min(before, elements), max(before, elements))
    elementsPerPixel = max(elementsPerPixel, heldAside + smaller + 2 * larger)
    largestScale = max(largestScale, Int(scale.rounded()))
  }
}
