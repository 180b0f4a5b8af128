import Torch

/// A map that is kept in memory, on the CPU, in the number format it is given; its values can be
/// replaced tile by tile.
final class StoredMap: FeatureMap {
  let height: Int
  let width: Int
  let channels: Int
  private let values: Tensor
  private let device: Device

  /// - Parameter device: where tiles of it are computed with.
  init(like map: any FeatureMap, dtype: DType, device: Device) {
    (height, width, channels) = (map.height, map.width, map.channels)
    values = .zeros(shape: [1, channels, height, width], dtype: dtype)
    self.device = device
  }

  func tensor(in region: Region) -> Tensor {
    part(region).moved(to: device).converted(to: .float32)
  }

  /// Replaces everything by another map of the same shape, which may be computed from this one as long as
  /// a tile sees no further than its neighbors: a row (or column) of tiles is written when the next is
  /// computed.
  ///
  /// - Parameter observe: sees every tile once, before it is rounded.
  func fill(from map: any FeatureMap, side: Int, observe: (Tensor) -> Void = { _ in }) {
    var waiting: [(Region, Tensor)] = []
    for row in map.tiles(side: side) {
      let computed = row.map { region in
        let tile = map.tensor(in: region)
        observe(tile)
        return (region, tile.converted(to: values.dtype ?? .float32).moved(to: .cpu))
      }
      write(waiting)
      waiting = computed
    }
    write(waiting)
  }

  private func write(_ tiles: [(Region, Tensor)]) {
    for (region, tile) in tiles { part(region).copyInPlace(from: tile) }
  }

  private func part(_ region: Region) -> Tensor {
    values.narrowed(axis: 2, region.rows).narrowed(axis: 3, region.columns)
  }
}
