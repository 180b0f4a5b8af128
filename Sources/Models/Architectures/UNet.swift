import Torch

/// An encoder that halves the image `downsamplings` times and a decoder that doubles it as often, with
/// a skip connection at every size.
///
/// Takes `[batch, inputChannels, height, width]` in [-1, 1] and returns the same with `outputChannels`;
/// both sides have to be multiples of `2^downsamplings`. Source: arXiv 1611.07004, section 6.1.1;
/// `UnetGenerator` in networks.py, whose state-dict keys these are.
package final class UNetGenerator: Module {
  private let model: UNetBlock

  /// Traps for fewer than 5 downsamplings: the channel plan has five fixed levels.
  package init(
    inputChannels: Int, outputChannels: Int, baseChannels: Int, downsamplings: Int,
    normalization: Normalization, dropout: Bool
  ) {
    precondition(downsamplings >= 5, "a U-Net of \(downsamplings) downsamplings")
    // From the bottleneck outwards.
    let widest = baseChannels * 8
    var block = UNetBlock(
      .innermost, outer: widest, inner: widest, normalization: normalization, dropout: false)
    for _ in 0..<(downsamplings - 5) {
      block = UNetBlock(
        .middle(block), outer: widest, inner: widest, normalization: normalization,
        dropout: dropout)
    }
    for channels in [baseChannels * 4, baseChannels * 2, baseChannels] {
      block = UNetBlock(
        .middle(block), outer: channels, inner: channels * 2, normalization: normalization,
        dropout: false)
    }
    model = UNetBlock(
      .outermost(block, inputChannels: inputChannels), outer: outputChannels, inner: baseChannels,
      normalization: normalization, dropout: false)
  }

  package var children: [(name: String, module: any Module)] { [("model", model)] }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    model(x, mode)
  }
}

/// One size of the U-Net: down, whatever is inside, up; all but the outermost return their input beside
/// their output.
private final class UNetBlock: Module {
  indirect enum Place {
    case outermost(UNetBlock, inputChannels: Int)
    case middle(UNetBlock)
    case innermost
  }

  private let layers: Sequential
  private let isOutermost: Bool

  /// - Parameters:
  ///   - outer: channels that come in and go out, not counting the skip connection.
  ///   - inner: channels at half the size.
  init(
    _ place: Place, outer: Int, inner: Int, normalization: Normalization, dropout: Bool
  ) {
    let bias = normalization.needsConvolutionBias
    func down(from channels: Int, bias: Bool) -> Conv2d {
      Conv2d(
        inputChannels: channels, outputChannels: inner, kernelSize: 4, stride: 2, padding: 1,
        bias: bias)
    }
    func up(from channels: Int, bias: Bool) -> ConvTranspose2d {
      ConvTranspose2d(
        inputChannels: channels, outputChannels: outer, kernelSize: 4, stride: 2, padding: 1,
        bias: bias)
    }
    switch place {
    case .outermost(let block, let inputChannels):
      isOutermost = true
      layers = Sequential([
        down(from: inputChannels, bias: bias),
        block, LeakyReLU.relu(),
        up(from: inner * 2, bias: true), Tanh(),
      ])
    case .middle(let block):
      isOutermost = false
      layers = Sequential(
        [
          LeakyReLU(slope: 0.2), down(from: outer, bias: bias),
          normalization.layer(channels: inner),
          block, LeakyReLU.relu(), up(from: inner * 2, bias: bias),
          normalization.layer(channels: outer),
        ] + (dropout ? [Dropout(probability: 0.5)] : []))
    case .innermost:
      isOutermost = false
      layers = Sequential([
        LeakyReLU(slope: 0.2), down(from: outer, bias: bias), LeakyReLU.relu(),
        up(from: inner, bias: bias), normalization.layer(channels: outer),
      ])
    }
  }

  var children: [(name: String, module: any Module)] { [("model", layers)] }

  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    let output = layers(x, mode)
    // The reference's in-place leaky ReLU changes x before it is concatenated; since a ReLU follows
    // the concatenation, and leaves only the positive part, the plain x gives the same.
    return isOutermost ? output : .concatenated([x, output], axis: 1)
  }
}
