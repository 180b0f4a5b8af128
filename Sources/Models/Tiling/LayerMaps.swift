import Torch

/// A map under a function of each element.
struct ElementwiseMap: FeatureMap {
  let input: any FeatureMap
  let function: (Tensor) -> Tensor

  var height: Int { input.height }
  var width: Int { input.width }
  var channels: Int { input.channels }
  var isReadEasily: Bool { input.isReadEasily }

  func tensor(in region: Region) -> Tensor { function(input.tensor(in: region)) }

  func visitSources(for region: Region, _ visit: (any MapSource, Region) -> Void) {
    input.visitSources(for: region, visit)
  }

  func workingBytes(for region: Region) -> Int {
    max(input.workingBytes(for: region), 2 * bytes(of: region))
  }
}

/// A map normalized by the statistics of its channels, and through a leaky ReLU where one follows.
struct NormalizedMap: FeatureMap {
  let input: any FeatureMap
  /// Nil where only sizes and memory are wanted.
  var scaling: ChannelScaling?
  var isActivated = false

  var height: Int { input.height }
  var width: Int { input.width }
  var channels: Int { input.channels }
  var isReadEasily: Bool { input.isReadEasily }

  func tensor(in region: Region) -> Tensor {
    let x = input.tensor(in: region)
    return scaling?(x) ?? x
  }

  func visitSources(for region: Region, _ visit: (any MapSource, Region) -> Void) {
    input.visitSources(for: region, visit)
  }

  func workingBytes(for region: Region) -> Int {
    max(input.workingBytes(for: region), 2 * bytes(of: region))
  }
}

/// Two maps of one size joined: added up, or the channels of one after those of the other.
struct JoinedMap: FeatureMap {
  let first: any FeatureMap
  let second: any FeatureMap
  let joining: Skip.Joining

  var height: Int { first.height }
  var width: Int { first.width }
  var channels: Int { joining == .sum ? first.channels : first.channels + second.channels }

  func tensor(in region: Region) -> Tensor {
    let (x, y) = (first.tensor(in: region), second.tensor(in: region))
    return joining == .sum ? x + y : .concatenated([x, y], axis: 1)
  }

  func visitSources(for region: Region, _ visit: (any MapSource, Region) -> Void) {
    first.visitSources(for: region, visit)
    second.visitSources(for: region, visit)
  }

  func workingBytes(for region: Region) -> Int {
    let one = first.bytes(of: region)
    let both = one + second.bytes(of: region)
    return max(
      first.workingBytes(for: region), one + second.workingBytes(for: region),
      both + bytes(of: region))
  }
}

/// A map after a convolution with zero padding.
struct ConvolutionMap: FeatureMap {
  let input: any FeatureMap
  let layer: Conv2d
  var addsBias = true

  private var kernel: Int { layer.weight.tensor.shape[2] }
  var height: Int { (input.height + 2 * layer.padding - kernel) / layer.stride + 1 }
  var width: Int { (input.width + 2 * layer.padding - kernel) / layer.stride + 1 }
  var channels: Int { layer.weight.tensor.shape[0] }

  var withoutBias: any FeatureMap {
    var map = self
    map.addsBias = false
    return map
  }

  func tensor(in region: Region) -> Tensor {
    let (rows, columns) = (
      window(of: region.rows, input.height), window(of: region.columns, input.width)
    )
    return layer(
      input.tensor(in: Region(rows: rows.range, columns: columns.range)), addingBias: addsBias
    )
    .narrowed(axis: 2, rows.wanted).narrowed(axis: 3, columns.wanted)
  }

  func visitSources(for region: Region, _ visit: (any MapSource, Region) -> Void) {
    input.visitSources(for: seen(by: region), visit)
  }

  func workingBytes(for region: Region) -> Int {
    let seen = seen(by: region)
    return max(
      input.workingBytes(for: seen), Self.copies * (input.bytes(of: seen) + bytes(of: region)))
  }

  /// What a convolution's input and output take with its working memory: Winograd's transforms are 2.25
  /// times as large as both.
  static let copies = 3

  private func seen(by region: Region) -> Region {
    Region(
      rows: window(of: region.rows, input.height).range,
      columns: window(of: region.columns, input.width).range)
  }

  /// The positions of the input that give a range of the output, and where that lies in what the layer makes
  /// of them.
  ///
  /// The layer pads with zeros at every side, also where the image goes on: what it computes there is cut
  /// off. For that the positions begin with some more, a multiple of the stride from the whole's first.
  private func window(
    of output: Range<Int>, _ count: Int
  ) -> (range: Range<Int>, wanted: Range<Int>) {
    let (stride, padding) = (layer.stride, layer.padding)
    let spoiled = (padding + stride - 1) / stride
    let first = max(output.lowerBound - spoiled, 0)
    let end = min((output.upperBound - 1) * stride - padding + kernel, count)
    return (first * stride..<end, output.shifted(by: -first))
  }
}

/// A map after a transposed convolution.
struct TransposedConvolutionMap: FeatureMap {
  let input: any FeatureMap
  let layer: ConvTranspose2d
  var addsBias = true

  private var kernel: Int { layer.weight.tensor.shape[2] }
  private func grown(_ side: Int) -> Int {
    (side - 1) * layer.stride - 2 * layer.padding + kernel + layer.outputPadding
  }
  var height: Int { grown(input.height) }
  var width: Int { grown(input.width) }
  var channels: Int { layer.weight.tensor.shape[1] }

  var withoutBias: any FeatureMap {
    var map = self
    map.addsBias = false
    return map
  }

  func tensor(in region: Region) -> Tensor {
    let seen = seen(by: region)
    // Output 0 of a part that starts at input i is output i * stride of the whole.
    return layer(input.tensor(in: seen), addingBias: addsBias)
      .narrowed(axis: 2, region.rows.shifted(by: -seen.rows.lowerBound * layer.stride))
      .narrowed(axis: 3, region.columns.shifted(by: -seen.columns.lowerBound * layer.stride))
  }

  func visitSources(for region: Region, _ visit: (any MapSource, Region) -> Void) {
    input.visitSources(for: seen(by: region), visit)
  }

  func workingBytes(for region: Region) -> Int {
    let seen = seen(by: region)
    return max(
      input.workingBytes(for: seen),
      ConvolutionMap.copies * (input.bytes(of: seen) + bytes(of: region)))
  }

  private func seen(by region: Region) -> Region {
    Region(
      rows: sources(of: region.rows, in: input.height),
      columns: sources(of: region.columns, in: input.width))
  }

  /// The inputs that add to a range of the output: input i reaches outputs from i * stride - padding on,
  /// `kernel` of them.
  private func sources(of output: Range<Int>, in count: Int) -> Range<Int> {
    let (stride, padding) = (layer.stride, layer.padding)
    let first = (output.lowerBound + padding - kernel + stride) / stride
    let last = (output.upperBound - 1 + padding) / stride
    // Not behind the first output itself, or the part would begin after it.
    return min(max(first, 0), output.lowerBound / stride)..<min(last + 1, count)
  }
}

/// A map each part of which is made of one part of another, and of no weights.
protocol RearrangedMap: FeatureMap {
  var input: any FeatureMap { get }
  /// The part of the input that a part of the map is made of.
  func seen(by region: Region) -> Region
}

extension RearrangedMap {
  func visitSources(for region: Region, _ visit: (any MapSource, Region) -> Void) {
    input.visitSources(for: seen(by: region), visit)
  }

  func workingBytes(for region: Region) -> Int {
    let seen = seen(by: region)
    return max(input.workingBytes(for: seen), 2 * input.bytes(of: seen) + bytes(of: region))
  }
}

/// A map of twice the sides, interpolated between its pixels.
struct DoubledMap: RearrangedMap {
  let input: any FeatureMap

  var height: Int { 2 * input.height }
  var width: Int { 2 * input.width }
  var channels: Int { input.channels }

  func tensor(in region: Region) -> Tensor {
    let seen = seen(by: region)
    // At the part's own borders its pixels go on as at the image's; those outputs are cut off.
    return input.tensor(in: seen).doubledBilinearly()
      .narrowed(axis: 2, region.rows.shifted(by: -2 * seen.rows.lowerBound))
      .narrowed(axis: 3, region.columns.shifted(by: -2 * seen.columns.lowerBound))
  }

  func seen(by region: Region) -> Region {
    Region(
      rows: sources(of: region.rows, in: input.height),
      columns: sources(of: region.columns, in: input.width))
  }

  /// Output 2 i is made of inputs i - 1 and i, output 2 i + 1 of i and i + 1, as far as they are there.
  private func sources(of output: Range<Int>, in count: Int) -> Range<Int> {
    max((output.lowerBound - 1) >> 1, 0)..<min(output.upperBound / 2 + 1, count)
  }
}

/// A map through the binomial filter; see `Tensor.smoothed`.
struct SmoothedMap: RearrangedMap {
  var input: any FeatureMap

  var height: Int { input.height }
  var width: Int { input.width }
  var channels: Int { input.channels }
  /// The filter leaves a constant as it is.
  var withoutBias: any FeatureMap {
    var map = self
    map.input = input.withoutBias
    return map
  }

  func tensor(in region: Region) -> Tensor {
    let seen = seen(by: region)
    // Where the part ends inside the image, the mirrored pixel is wrong; those outputs are cut off.
    return input.tensor(in: seen).smoothed()
      .narrowed(axis: 2, region.rows.shifted(by: -seen.rows.lowerBound))
      .narrowed(axis: 3, region.columns.shifted(by: -seen.columns.lowerBound))
  }

  func seen(by region: Region) -> Region {
    Region(
      rows: widened(region.rows, in: input.height),
      columns: widened(region.columns, in: input.width))
  }

  private func widened(_ range: Range<Int>, in count: Int) -> Range<Int> {
    max(range.lowerBound - 1, 0)..<min(range.upperBound + 1, count)
  }
}

/// A map with its border mirrored outwards, as `ReflectionPad2d` does it.
struct ReflectedMap: RearrangedMap {
  let input: any FeatureMap
  let padding: Int

  var height: Int { input.height + 2 * padding }
  var width: Int { input.width + 2 * padding }
  var channels: Int { input.channels }
  var isReadEasily: Bool { input.isReadEasily }

  func tensor(in region: Region) -> Tensor {
    let rows = Window(of: region.rows, in: input.height, padding)
    let columns = Window(of: region.columns, in: input.width, padding)
    let part = input.tensor(in: Region(rows: rows.range, columns: columns.range))
    guard rows.isAtBorder || columns.isAtBorder else { return part }
    return part.reflectionPadded(
      top: rows.before, bottom: rows.after, left: columns.before, right: columns.after
    )
    .narrowed(axis: 2, rows.wanted).narrowed(axis: 3, columns.wanted)
  }

  func seen(by region: Region) -> Region {
    Region(
      rows: Window(of: region.rows, in: input.height, padding).range,
      columns: Window(of: region.columns, in: input.width, padding).range)
  }

  /// The positions of the input that a range of the padded map shows, how far they are mirrored at both
  /// ends, and where the range lies in the result.
  private struct Window {
    let range: Range<Int>
    let before: Int
    let after: Int
    let wanted: Range<Int>

    var isAtBorder: Bool { before > 0 || after > 0 }

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
