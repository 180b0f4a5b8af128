import Torch

/// The part of a map between these rows and columns.
struct Region {
  let rows: Range<Int>
  let columns: Range<Int>
}

/// What a layer makes of a whole image, which is never there as a whole: any part of it can be asked
/// for, and the layers before it are asked for what that part needs.
protocol FeatureMap {
  var height: Int { get }
  var width: Int { get }
  var channels: Int { get }

  /// `[1, channels, region's rows, region's columns]`, the same as if the whole had been computed. Traps
  /// if the region is empty or reaches outside.
  func tensor(in region: Region) -> Tensor
}

extension FeatureMap {
  /// The map cut into about square parts with sides of `side` at most: rows of tiles from top to bottom,
  /// in each the tiles from left to right. Where the map is wider than high, columns from left to right, in
  /// each the tiles from top to bottom, so that a row or column is short.
  func tiles(side: Int) -> [[Region]] {
    let rows = evenRanges(of: height, length: side)
    let columns = evenRanges(of: width, length: side)
    if width > height {
      return columns.map { columns in rows.map { Region(rows: $0, columns: columns) } }
    }
    return rows.map { rows in columns.map { Region(rows: rows, columns: $0) } }
  }
}

/// `0..<count` in as few parts as go, none longer than `length`, and none shorter than another by more
/// than one.
private func evenRanges(of count: Int, length: Int) -> [Range<Int>] {
  let parts = (count + length - 1) / length
  return (0..<parts).map { count * $0 / parts..<count * ($0 + 1) / parts }
}

/// A map under a function of each element.
struct PointwiseMap: FeatureMap {
  let input: any FeatureMap
  let function: (Tensor) -> Tensor

  var height: Int { input.height }
  var width: Int { input.width }
  var channels: Int { input.channels }

  func tensor(in region: Region) -> Tensor { function(input.tensor(in: region)) }
}

/// Two maps of one size added up.
struct SumMap: FeatureMap {
  let first: any FeatureMap
  let second: any FeatureMap

  var height: Int { first.height }
  var width: Int { first.width }
  var channels: Int { first.channels }

  func tensor(in region: Region) -> Tensor {
    first.tensor(in: region) + second.tensor(in: region)
  }
}

/// The channels of two maps of one size, one after the other.
struct StackedMap: FeatureMap {
  let first: any FeatureMap
  let second: any FeatureMap

  var height: Int { first.height }
  var width: Int { first.width }
  var channels: Int { first.channels + second.channels }

  func tensor(in region: Region) -> Tensor {
    .concatenated([first.tensor(in: region), second.tensor(in: region)], axis: 1)
  }
}
