import Torch

/// The network's input: the image itself, tile by tile.
struct ImageMap: FeatureMap {
  let height: Int
  let width: Int
  let channels: Int
  let device: Device
  /// `[1, channels, rows, columns]` in [-1, 1], on any device.
  let read: (_ rows: Range<Int>, _ columns: Range<Int>) -> Tensor

  func tensor(in region: Region) -> Tensor {
    read(region.rows, region.columns).moved(to: device)
  }
}
