import Datasets
import Imaging
import Torch

/// The image a run leaves with each snapshot: the same test images every time.
struct SampleSheet {
  let a: [Image]
  let b: [Image]
  /// Counted from 1; `nil` shows all channels in gray where there are others than 1 or 3.
  let shownChannels: [Int]?

  /// Four rows: real, fake, reconstructed, identity. A's images come first, then B's. Gray images
  /// are shown as color, and other numbers of channels as tiles of one image.
  func draw(with trainer: CycleGANTrainer) -> Image {
    let columns =
      a.map { column($0, trainer.generatorAB, trainer.generatorBA, trainer.device) }
      + b.map { column($0, trainer.generatorBA, trainer.generatorAB, trainer.device) }
    return .grid((0..<4).map { row in columns.map { $0[row] } }, spacing: 4)
  }

  /// - Parameters:
  ///   - there: from the image's domain to the other.
  ///   - back: the way back; identity shows what it does to an image that needs no change.
  private func column(
    _ image: Image, _ there: any Module, _ back: any Module, _ device: Device
  ) -> [Image] {
    withoutGradients {
      let real = Tensor(images: [image]).moved(to: device)
      let fake = there(real, .inference)
      let reconstructed = back(fake, .inference)
      let takesSameChannels = fake.shape[1] == real.shape[1]
      let same = takesSameChannels ? back(real, .inference) : real
      return [real, fake, reconstructed, same].map { shown($0.moved(to: .cpu).images()[0]) }
    }
  }

  /// In color: three chosen channels, or all of them in gray, side by side in rows.
  func shown(_ image: Image) -> Image {
    if image.canConvert(toChannels: 3) { return image.converted(toChannels: 3) }
    if let shownChannels { return image.selecting(channels: shownChannels.map { $0 - 1 }) }
    let tiles = (0..<image.channels).map { channel in
      image.selecting(channels: [channel]).converted(toChannels: 3)
    }
    let side = Int(Double(tiles.count).squareRoot().rounded(.up))
    let rows = stride(from: 0, to: tiles.count, by: side).map {
      Array(tiles[$0..<min($0 + side, tiles.count)])
    }
    return .grid(rows, spacing: 1)
  }
}
