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
    let smallest = cells.map { min($0.height, $0.width) }.min() ?? Self.smallestCell
    let scale = max((Self.smallestCell + smallest - 1) / smallest, 1)
    let table = Table(cellWidth: scale * (cells.map(\.width).max() ?? 0), scale: scale)
    let lines =
      [table.text(caption)]
      + table.block(["real A", "fake B", "reconstructed A", "identity"], rowsA)
      + table.block(["real B", "fake A", "reconstructed B", "identity"], rowsB)
    return .grid(lines.map { [$0] }, spacing: 0)
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

  /// Rows of four cells of one width, and lines of text between them.
  private struct Table {
    let cellWidth: Int
    let scale: Int

    private static let spacing = 4

    private var textScale: Int { cellWidth < 200 ? 1 : 2 }

    private func text(_ text: String, width: Int) -> Image {
      .text(text, scale: textScale, width: width, channels: 3, bitDepth: 8)
    }

    /// A line over all cells.
    func text(_ text: String) -> Image {
      self.text(text, width: 4 * (cellWidth + Self.spacing) + Self.spacing)
    }

    /// Enlarged, with white at its right, so that it stands below its column's head.
    private func cell(_ image: Image) -> Image {
      let large = image.resized(
        height: image.height * scale, width: image.width * scale, filter: .nearest)
      guard large.width < cellWidth else { return large }
      return .grid([[large, text("", width: cellWidth - large.width)]], spacing: 0)
    }

    /// The heads of the columns, and each row below its name.
    func block(_ heads: [String], _ rows: [(name: String, cells: [Image])]) -> [Image] {
      if rows.isEmpty { return [] }
      return [.grid([heads.map { text($0, width: cellWidth) }], spacing: Self.spacing)]
        + rows.flatMap { name, cells in
          [
            text(name),
            .grid([cells.map(cell)], spacing: Self.spacing),
          ]
        }
    }
  }
}
