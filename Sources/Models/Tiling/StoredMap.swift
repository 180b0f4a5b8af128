import Torch

/// A map that is kept in the device's memory, in parts that are let go one after another when they have been
/// read for the last time.
final class StoredMap: MapSource {
  let height: Int
  let width: Int
  let channels: Int
  var readersToCome = 0
  private let pass: TiledPass
  private var parts: [Part] = []

  /// Everything between two positions along the image's longer side.
  private struct Part {
    let range: Range<Int>
    let bytes: Int
    /// Nil where only sizes and memory are wanted.
    let values: Tensor?
  }

  init(like map: any FeatureMap, in pass: TiledPass) {
    (height, width, channels) = (map.height, map.width, map.channels)
    self.pass = pass
  }

  deinit { discard(before: .max) }

  var isReadEasily: Bool { true }

  /// - Parameters:
  ///   - tiles: that cover `range` along the longer side, next to each other.
  ///   - bytes: of all of them.
  func append(_ tiles: [Tensor], _ range: Range<Int>, bytes: Int) {
    pass.take(bytes)
    let values =
      tiles.count > 1 ? Tensor.concatenated(tiles, axis: pass.axis == 2 ? 3 : 2) : tiles.first
    parts.append(Part(range: range, bytes: bytes, values: values))
  }

  func discard(before position: Int) {
    while let first = parts.first, first.range.upperBound <= position {
      pass.give(first.bytes)
      first.values?.discardValues()
      parts.removeFirst()
    }
  }

  func tensor(in region: Region) -> Tensor {
    let (axis, across) = (pass.axis, pass.axis == 2 ? 3 : 2)
    let found = parts.compactMap { part -> Tensor? in
      let range = part.range.clamped(to: region[axis])
      guard !range.isEmpty, let values = part.values else { return nil }
      let first = part.range.lowerBound
      return values.narrowed(axis: axis, range.lowerBound - first..<range.upperBound - first)
        .narrowed(axis: across, region[across])
    }
    let values = found.count == 1 ? found[0] : .concatenated(found, axis: axis)
    return values.converted(to: .float32)
  }

  func visitSources(for region: Region, _ visit: (any MapSource, Region) -> Void) {
    visit(self, region)
  }

  func workingBytes(for region: Region) -> Int { 2 * bytes(of: region) }
}
