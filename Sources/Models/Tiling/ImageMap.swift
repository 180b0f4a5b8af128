import Torch

/// The network's input: the image itself, tile by tile.
final class ImageMap: MapSource {
  let height: Int
  let width: Int
  let channels: Int
  var readersToCome = 0
  private let device: Device
  private let read: (_ rows: Range<Int>, _ columns: Range<Int>) -> Tensor
  private var finished: (() -> Void)?

  /// - Parameters:
  ///   - read: `[1, channels, rows, columns]` in [-1, 1], on any device.
  ///   - finished: called when nothing will be read any more.
  init(
    height: Int, width: Int, channels: Int, device: Device,
    read: @escaping (_ rows: Range<Int>, _ columns: Range<Int>) -> Tensor,
    finished: @escaping () -> Void
  ) {
    (self.height, self.width, self.channels) = (height, width, channels)
    self.device = device
    self.read = read
    self.finished = finished
  }

  var isReadEasily: Bool { true }

  func tensor(in region: Region) -> Tensor { read(region.rows, region.columns).moved(to: device) }

  func visitSources(for region: Region, _ visit: (any MapSource, Region) -> Void) {
    visit(self, region)
  }

  func workingBytes(for region: Region) -> Int { 2 * bytes(of: region) }

  func discard(before position: Int) {
    guard position == .max else { return }
    finished?()
    finished = nil
  }
}
