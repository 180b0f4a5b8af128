import Datasets
import Imaging
import Torch

/// The image a run leaves with each snapshot: the same test images every time, under their names.
struct SampleSheet {
  let a: [(name: String, image: Image)]
  let b: [(name: String, image: Image)]
  /// Counted from 1; `nil` shows all channels in gray where there are others than 1 or 3.
  let shownChannels: [Int]?

  /// Smaller images are enlarged to this, pixel by pixel.
  private static let smallestCell = 128

  /// A row for each image: real, fake, reconstructed, identity. A's images come first, then B's. Gray images are
  /// shown as color, and other numbers of channels as tiles of one image.
  /// - Parameter caption: what stands above all, such as "epoch 5, step 1000".
  func draw(with trainer: CycleGANTrainer, caption: String) -> Image {
    let rowsA = rows(a, trainer.shownAB, trainer.shownBA, trainer.device)
    let rowsB = rows(b, trainer.shownBA, trainer.shownAB, trainer.device)
    let cells = (rowsA + rowsB).flatMap(\.cells)
    let table = LabeledTable(of: cells, columns: 4, smallestCell: Self.smallestCell)
    func block(_ heads: [String], _ rows: [(name: String, cells: [Image])]) -> [Image] {
      if rows.isEmpty { return [] }
      return [table.heads(heads)] + rows.flatMap { [table.line($0.name), table.row($0.cells)] }
    }
    return LabeledTable.sheet(
      [table.line(caption)]
        + block(["real A", "fake B", "reconstructed A", "identity"], rowsA)
        + block(["real B", "fake A", "reconstructed B", "identity"], rowsB))
  }

  /// - Parameters:
  ///   - there: from the images' domain to the other.
  ///   - back: the way back; identity shows what it does to an image that needs no change.
  private func rows(
    _ images: [(name: String, image: Image)], _ there: any Module, _ back: any Module,
    _ device: Device
  ) -> [(name: String, cells: [Image])] {
    withoutGradients {
      images.map { name, image in
        let real = Tensor(images: [image]).moved(to: device)
        let fake = there(real, .inference)
        let reconstructed = back(fake, .inference)
        let takesSameChannels = fake.shape[1] == real.shape[1]
        let same = takesSameChannels ? back(real, .inference) : real
        return (
          name,
          [real, fake, reconstructed, same].map { shown($0.moved(to: .cpu).images()[0]) }
        )
      }
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
