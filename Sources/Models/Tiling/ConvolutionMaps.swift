import Torch

/// Weight and bias of a layer, found by its state-dict name.
struct LayerWeights {
  let weight: Tensor
  let bias: Tensor?
}

/// A map after a convolution with zero padding.
struct ConvolutionMap: FeatureMap {
  let input: any FeatureMap
  let layer: LayerWeights
  let stride: Int
  let padding: Int

  private var kernel: Int { layer.weight.shape[2] }
  var height: Int { (input.height + 2 * padding - kernel) / stride + 1 }
  var width: Int { (input.width + 2 * padding - kernel) / stride + 1 }
  var channels: Int { layer.weight.shape[0] }

  func tensor(in region: Region) -> Tensor {
    let rows = Window(of: region.rows, in: input.height, self)
    let columns = Window(of: region.columns, in: input.width, self)
    let part = input.tensor(in: Region(rows: rows.range, columns: columns.range))
    return part.zeroPadded(axis: 2, before: rows.before, after: rows.after)
      .zeroPadded(axis: 3, before: columns.before, after: columns.after)
      .conv2d(weight: layer.weight, bias: layer.bias, stride: stride, padding: 0)
  }

  /// The positions of the input that a range of the output sees, and the zeros around them.
  private struct Window {
    let range: Range<Int>
    let before: Int
    let after: Int

    init(of output: Range<Int>, in count: Int, _ map: ConvolutionMap) {
      let first = output.lowerBound * map.stride - map.padding
      let end = (output.upperBound - 1) * map.stride - map.padding + map.kernel
      range = max(first, 0)..<min(end, count)
      before = max(-first, 0)
      after = max(end - count, 0)
    }
  }
}

/// A map after a transposed convolution.
struct TransposedConvolutionMap: FeatureMap {
  let input: any FeatureMap
  let layer: LayerWeights
  let stride: Int
  let padding: Int
  let outputPadding: Int

  private var kernel: Int { layer.weight.shape[2] }
  var height: Int { (input.height - 1) * stride - 2 * padding + kernel + outputPadding }
  var width: Int { (input.width - 1) * stride - 2 * padding + kernel + outputPadding }
  var channels: Int { layer.weight.shape[1] }

  func tensor(in region: Region) -> Tensor {
    let rows = sources(of: region.rows, in: input.height)
    let columns = sources(of: region.columns, in: input.width)
    let part = input.tensor(in: Region(rows: rows, columns: columns))
      .convTranspose2d(
        weight: layer.weight, bias: layer.bias, stride: stride, padding: padding,
        outputPadding: outputPadding)
    // Output 0 of a part that starts at input i is output i * stride of the whole.
    return part.narrowed(axis: 2, region.rows.shifted(by: -rows.lowerBound * stride))
      .narrowed(axis: 3, region.columns.shifted(by: -columns.lowerBound * stride))
  }

  /// The inputs that add to a range of the output: input i reaches outputs from i * stride - padding on,
  /// `kernel` of them.
  private func sources(of output: Range<Int>, in count: Int) -> Range<Int> {
    let first = (output.lowerBound + padding - kernel + stride) / stride
    let last = (output.upperBound - 1 + padding) / stride
    // Not behind the first output itself, or the part would begin after it.
    return min(max(first, 0), output.lowerBound / stride)..<min(last + 1, count)
  }
}

/// A map with its border mirrored outwards, as `ReflectionPad2d` does it.
struct ReflectedMap: FeatureMap {
  let input: any FeatureMap
  let padding: Int

  var height: Int { input.height + 2 * padding }
  var width: Int { input.width + 2 * padding }
  var channels: Int { input.channels }

  func tensor(in region: Region) -> Tensor {
    let rows = Window(of: region.rows, in: input.height, padding)
    let columns = Window(of: region.columns, in: input.width, padding)
    return input.tensor(in: Region(rows: rows.range, columns: columns.range))
      .reflectionPadded(
        top: rows.before, bottom: rows.after, left: columns.before, right: columns.after
      )
      .narrowed(axis: 2, rows.wanted).narrowed(axis: 3, columns.wanted)
  }

  /// The positions of the input that a range of the padded map shows, how far they are mirrored at both
  /// ends, and where the range lies in the result.
  private struct Window {
    let range: Range<Int>
    let before: Int
    let after: Int
    let wanted: Range<Int>

    init(of padded: Range<Int>, in count: Int, _ padding: Int) {
      let (first, end) = (padded.lowerBound - padding, padded.upperBound - padding)
      before = max(-first, 0)
      after = max(end - count, 0)
      // What is mirrored has to be there: `before` positions behind the first one, `after` in front of
      // the last.
      let lower = min(max(first, 0), after > 0 ? count - 1 - after : count)
      let upper = max(min(end, count), before > 0 ? before + 1 : 0)
      range = lower..<upper
      wanted = padded.shifted(by: before - padding - lower)
    }
  }
}

extension Range<Int> {
  fileprivate func shifted(by distance: Int) -> Range<Int> {
    lowerBound + distance..<upperBound + distance
  }
}

extension Tensor {
  fileprivate func zeroPadded(axis: Int, before: Int, after: Int) -> Tensor {
    func zeros(_ count: Int) -> [Tensor] {
      guard count > 0 else { return [] }
      var shape = self.shape
      shape[axis] = count
      return [.zeros(shape: shape, dtype: dtype ?? .float32, device: device)]
    }
    if before == 0 && after == 0 { return self }
    return .concatenated(zeros(before) + [self] + zeros(after), axis: axis)
  }
}
