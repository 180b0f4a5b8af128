import Torch

/// One image's way through a network in tiles, or its rehearsal, which computes nothing and finds how much
/// memory and work it takes.
final class TiledPass {
  let plan: TiledGenerator.Plan
  /// The image's longer side: 2 for rows, 3 for columns. Maps are computed and let go along it, so that
  /// what is computed at a time is short.
  let axis: Int
  /// What there is to do in all; nil in a rehearsal, which finds it.
  private let expectedWork: Int?
  private let pixels: Int
  private let largestTile: Int
  private let report: (Double) -> Void
  private var heldBytes = 0
  private(set) var peakBytes = 0
  private(set) var work = 0

  init(
    height: Int, width: Int, _ plan: TiledGenerator.Plan, _ scales: NetworkScales,
    expectedWork: Int?, report: @escaping (Double) -> Void = { _ in }
  ) {
    self.plan = plan
    self.expectedWork = expectedWork
    self.report = report
    axis = width > height ? 3 : 2
    pixels = height * width
    // Tiles overlap by what the layers' kernels reach.
    let tile = (min(plan.side, height) + 32) * (min(plan.side, width) + 32)
    largestTile = scales.bytes(pixels: tile)
  }

  // MARK: Memory

  /// Adds to the memory that is held beside the tile that is worked on.
  func take(_ bytes: Int) {
    heldBytes += bytes
    peakBytes = max(peakBytes, heldBytes)
  }

  func give(_ bytes: Int) { heldBytes -= bytes }

  // MARK: Passes

  /// Whether a map is worth storing and small enough for it.
  func keeps(_ map: any FeatureMap) -> Bool {
    guard !map.isReadEasily else { return false }
    return map.height * map.width * plan.keptScale * plan.keptScale <= pixels
  }

  /// A map in memory. What it is computed from is let go on the way, as far as nobody else needs it.
  func stored(_ map: any FeatureMap, observe: (Tensor) -> Void = { _ in }) -> StoredMap {
    let result = StoredMap(like: map, in: self)
    let groups = tiles(of: map)
    var known: [TileKind: Int] = [:]
    for (index, group) in groups.enumerated() {
      var tiles: [Tensor] = []
      var waiting = 0
      for region in group {
        let tile = tile(of: map, region, &known)
        // Those that are next to each other wait until they are joined.
        let bytes = region.area * map.channels * plan.storage.byteCount
        if group.count > 1 { take(bytes) }
        waiting += bytes
        guard let tile else { continue }
        observe(tile)
        tiles.append(tile.converted(to: plan.storage))
      }
      result.append(tiles, group[0][axis], bytes: waiting)
      if group.count > 1 { give(waiting) }
      discardSources(of: map, before: index + 1 < groups.count ? groups[index + 1] : nil)
      reportProgress()
    }
    return result
  }

  /// A map with the statistics of its channels, gathered in one pass over it; the map is stored on the way
  /// where it is kept. Nil in a rehearsal.
  func measured(_ map: any FeatureMap) -> (map: any FeatureMap, statistics: ChannelStatistics?) {
    var statistics = ChannelStatistics(channels: map.channels)
    var result = map
    if keeps(map) {
      result = stored(map) { statistics.add($0) }
    } else {
      forEachTile(of: map) { statistics.add($1) }
    }
    return (result, isRehearsal ? nil : statistics)
  }

  /// Computes a map tile by tile, without keeping it.
  func forEachTile(of map: any FeatureMap, _ body: (Region, Tensor) -> Void) {
    var known: [TileKind: Int] = [:]
    for group in tiles(of: map) {
      for region in group {
        if let tile = tile(of: map, region, &known) { body(region, tile) }
      }
      reportProgress()
    }
  }

  var isRehearsal: Bool { expectedWork == nil }

  private func reportProgress() {
    if let expectedWork { report(Double(work) / Double(max(expectedWork, 1))) }
  }

  private func tile(
    of map: any FeatureMap, _ region: Region, _ known: inout [TileKind: Int]
  ) -> Tensor? {
    // Asked once for each kind of tile: an image of 100 megapixels has thousands, and the layers before a
    // map are asked each time.
    let kind = TileKind(region, in: map)
    let bytes = known[kind] ?? map.workingBytes(for: region)
    known[kind] = bytes
    peakBytes = max(peakBytes, heldBytes + bytes)
    work += bytes
    return isRehearsal ? nil : map.tensor(in: region)
  }

  private func discardSources(of map: any FeatureMap, before next: [Region]?) {
    guard let next else {
      map.visitSources(for: map.whole) { source, _ in
        if source.readersToCome == 0 { source.discard(before: .max) }
      }
      return
    }
    var region = map.whole
    region[axis] = next[0][axis].lowerBound..<region[axis].upperBound
    var needed: [ObjectIdentifier: (source: any MapSource, position: Int)] = [:]
    map.visitSources(for: region) { source, part in
      let position = part[self.axis].lowerBound
      let earlier = needed[ObjectIdentifier(source)]?.position ?? .max
      needed[ObjectIdentifier(source)] = (source, min(earlier, position))
    }
    for (source, position) in needed.values where source.readersToCome == 0 {
      source.discard(before: position)
    }
  }

  // MARK: Tiles

  /// The map cut into about square tiles: from one end of the image's longer side to the other, at each
  /// place those next to each other.
  private func tiles(of map: any FeatureMap) -> [[Region]] {
    let side = side(of: map)
    let rows = evenRanges(of: map.height, length: side)
    let columns = evenRanges(of: map.width, length: side)
    return axis == 2
      ? rows.map { rows in columns.map { Region(rows: rows, columns: $0) } }
      : columns.map { columns in rows.map { Region(rows: $0, columns: columns) } }
  }

  /// The plan's side, or less where a tile of that side would take more than one of the image's size.
  private func side(of map: any FeatureMap) -> Int {
    let scale = (Double(pixels) / Double(map.height * map.width)).squareRoot()
    let least = max(Int(Double(plan.side) / scale), 16)
    var side = plan.side
    while side > least {
      let middle = Region(
        rows: middle(of: map.height, side), columns: middle(of: map.width, side))
      if map.workingBytes(for: middle) <= largestTile { return side }
      side = side * 7 / 8
    }
    return max(side, least)
  }

  private func middle(of count: Int, _ length: Int) -> Range<Int> {
    let length = min(length, count)
    let first = (count - length) / 2
    return first..<first + length
  }
}

/// What the memory that a tile takes depends on: its size, and the borders of the map it lies at.
private struct TileKind: Hashable {
  let rows, columns: Int
  let isFirstRow, isLastRow, isFirstColumn, isLastColumn: Bool

  init(_ region: Region, in map: any FeatureMap) {
    (rows, columns) = (region.rows.count, region.columns.count)
    isFirstRow = region.rows.lowerBound == 0
    isLastRow = region.rows.upperBound == map.height
    isFirstColumn = region.columns.lowerBound == 0
    isLastColumn = region.columns.upperBound == map.width
  }
}

/// `0..<count` in as few parts as go, none longer than `length`, and none shorter than another by more
/// than one.
private func evenRanges(of count: Int, length: Int) -> [Range<Int>] {
  let parts = (count + length - 1) / length
  return (0..<parts).map { count * $0 / parts..<count * ($0 + 1) / parts }
}
