/// How images are shown in rows of cells of one width, with lines of text between them. Of 3 channels and 8 bits.
package struct LabeledTable {
  private let columns: Int
  private let cellWidth: Int
  /// Pixels on the side of each of a cell's.
  private let scale: Int

  private static let spacing = 4

  /// - Parameters:
  ///   - cells: all that will be shown; at least one.
  ///   - columns: in the longest row.
  ///   - smallestCell: smaller images are enlarged to this, pixel by pixel.
  package init(of cells: [Image], columns: Int, smallestCell: Int) {
    let smallest = cells.map { min($0.height, $0.width) }.min() ?? smallestCell
    scale = max((smallestCell + smallest - 1) / smallest, 1)
    cellWidth = scale * (cells.map(\.width).max() ?? 0)
    self.columns = columns
  }

  /// A line of text over all columns.
  package func line(_ text: String) -> Image {
    line(text, width: columns * (cellWidth + Self.spacing) + Self.spacing)
  }

  /// A text over each column; what does not fit ends in dots.
  package func heads(_ texts: [String]) -> Image {
    .grid([texts.map { line($0, width: cellWidth) }], spacing: Self.spacing)
  }

  package func row(_ cells: [Image]) -> Image {
    .grid([cells.map(cell)], spacing: Self.spacing)
  }

  /// Lines and rows, one below the other.
  package static func sheet(_ parts: [Image]) -> Image { .grid(parts.map { [$0] }, spacing: 0) }

  private func line(_ text: String, width: Int) -> Image {
    .text(text, scale: cellWidth < 200 ? 1 : 2, width: width, channels: 3, bitDepth: 8)
  }

  /// Enlarged, with white at its right, so that it stands below its column's head.
  private func cell(_ image: Image) -> Image {
    let large = image.resized(
      height: image.height * scale, width: image.width * scale, filter: .nearest)
    guard large.width < cellWidth else { return large }
    return .grid([[large, line("", width: cellWidth - large.width)]], spacing: 0)
  }
}
