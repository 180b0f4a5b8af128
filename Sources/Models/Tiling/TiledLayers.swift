import Torch

/// A layer, or a network of layers, that works on any part of its input with the pixels around it.
///
/// This is all that a tiled pass and its memory estimate know of a network: they walk the same tree of layers
/// as a plain pass.
protocol TiledLayer: Module {
  /// What the layer makes of a map.
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap
}

extension Module {
  /// What the layer makes of a map. Traps for a layer that does not tile.
  func mapped(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap {
    guard let layer = self as? any TiledLayer else {
      preconditionFailure("\(type(of: self)) does not work in tiles")
    }
    return layer.map(input, in: pass)
  }
}

extension Named: TiledLayer {
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap {
    module.mapped(input, in: pass)
  }
}

extension Sequential: TiledLayer {
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap {
    layers.reduce(input) { $1.mapped($0, in: pass) }
  }
}

extension Skip: TiledLayer {
  /// The input is read twice, by the layers and by the connection: it is stored before, or each of several
  /// connections would double the work of all before it.
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap {
    let x = pass.keeps(input) ? pass.stored(input) : input
    x.expectReaders(1)
    let inside = layers.mapped(x, in: pass)
    x.expectReaders(-1)
    return JoinedMap(first: x, second: inside, joining: joining)
  }
}

extension Conv2d: TiledLayer {
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap {
    ConvolutionMap(input: input, layer: self)
  }
}

extension ConvTranspose2d: TiledLayer {
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap {
    TransposedConvolutionMap(input: input, layer: self)
  }
}

extension SmoothedConvTranspose2d: TiledLayer {
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap {
    SmoothedMap(input: convolution.map(input, in: pass))
  }
}

extension BilinearConv2d: TiledLayer {
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap {
    let doubled = ReflectedMap(input: DoubledMap(input: input), padding: padding)
    return ConvolutionMap(input: doubled, layer: convolution)
  }
}

extension ReflectionPad2d: TiledLayer {
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap {
    ReflectedMap(input: input, padding: padding)
  }
}

extension InstanceNorm2d: TiledLayer {
  /// Any bias before it is taken away again with the mean.
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap {
    let (map, statistics) = pass.measured(input.withoutBias)
    return NormalizedMap(input: map, scaling: statistics?.normalization(eps: eps))
  }
}

extension BatchNorm2d: TiledLayer {
  /// By the running statistics, as in inference.
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap {
    ElementwiseMap(input: input) { self($0, .inference) }
  }
}

extension LeakyReLU: TiledLayer {
  /// One operator with an instance norm before it.
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap {
    if var normalized = input as? NormalizedMap, !normalized.isActivated {
      normalized.isActivated = true
      normalized.scaling?.slope = slope
      return normalized
    }
    return ElementwiseMap(input: input) { self($0, .inference) }
  }
}

extension Tanh: TiledLayer {
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap {
    ElementwiseMap(input: input) { self($0, .inference) }
  }
}

// Without an effect in inference.
extension Identity: TiledLayer {
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap { input }
}

extension Dropout: TiledLayer {
  func map(_ input: any FeatureMap, in pass: TiledPass) -> any FeatureMap { input }
}
