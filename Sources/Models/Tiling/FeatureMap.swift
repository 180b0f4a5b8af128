import Torch

/// The part of a map between these rows and columns.
struct Region {
  var rows: Range<Int>
  var columns: Range<Int>

  /// The range along one of a tensor's axes: 2 for rows, 3 for columns.
  subscript(axis: Int) -> Range<Int> {
    get { axis == 2 ? rows : columns }
    set { if axis == 2 { rows = newValue } else { columns = newValue } }
  }

  var area: Int { rows.count * columns.count }
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

  /// Calls `visit` with every part of a source that `tensor(in: region)` reads.
  func visitSources(for region: Region, _ visit: (any MapSource, Region) -> Void)

  /// The most memory that `tensor(in: region)` needs at one time, its result included, in bytes.
  func workingBytes(for region: Region) -> Int

  /// Whether a part costs no more than reading it: such a map is not worth storing.
  var isReadEasily: Bool { get }

  /// The same before a bias is added; the map itself where there is none.
  var withoutBias: any FeatureMap { get }
}

extension FeatureMap {
  var isReadEasily: Bool { false }
  var withoutBias: any FeatureMap { self }
  var whole: Region { Region(rows: 0..<height, columns: 0..<width) }

  /// Of a part in float32.
  func bytes(of region: Region) -> Int { region.area * channels * DType.float32.byteCount }
}

/// What maps are computed from: the image, and maps in memory.
protocol MapSource: FeatureMap, AnyObject {
  /// How many layers further on will ask for it again.
  var readersToCome: Int { get set }

  /// Nothing in front of this row (or column, along the image's longer side) will be asked for any more.
  func discard(before position: Int)
}

extension FeatureMap {
  /// Announces that the map's sources will be needed again, or takes that back.
  func expectReaders(_ difference: Int) {
    visitSources(for: whole) { source, _ in source.readersToCome += difference }
  }
}
