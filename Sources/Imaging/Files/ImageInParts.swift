import Files
import Foundation

/// An image that its codec decodes in blocks, in any order. Rows and columns are those of the stored image.
protocol ImageBlocks: AnyObject {
  /// Of a block; those at the lower and the right border may be smaller.
  var blockHeight: Int { get }
  var blockWidth: Int { get }

  /// Fills `target` with samples of whole blocks, as `ImageCodec.decode` does.
  func decode(
    rows: Range<Int>, columns: Range<Int>, acceptingDamage: Bool,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ImageFailure) -> Bool
}

/// An image file of which parts are read, so that the image is never in memory as a whole. What is read is what
/// `ImageFile.read` gives.
package final class ImageInParts {
  /// All of the file but its pixels: the image in it is one pixel of the same kind.
  package private(set) var file: ImageFile
  /// Of the upright image, in pixels.
  package let height: Int
  package let width: Int

  private let url: URL
  private let header: ImageHeader
  private let options: ReadOptions
  private let blocks: any ImageBlocks
  /// What is decoded at a time and kept: so many rows and columns, of one or several blocks.
  private let cellHeight: Int
  private let cellWidth: Int
  /// What values that are not finite become.
  private var finiteRange: ClosedRange<Float>?

  private struct Cell: Hashable {
    let row, column: Int
  }

  private var kept: [Cell: Image] = [:]
  /// The one that was used last stands last.
  private var order: [Cell] = []
  private let capacity: Int

  /// Tiles of a network overlap, and strips are wider than tiles: cells are kept until the next row of tiles.
  private static let leastCapacity = 64 << 20
  /// Smaller blocks are decoded together.
  private static let leastSide = 128

  /// Looks through the whole image once, so that all that is wrong with it is known before any work is done.
  ///
  /// nil where the file is not stored in parts, or in such large ones that nothing would be gained. Throws as
  /// `ImageFile.read` does.
  package convenience init?(
    _ url: URL, options: ReadOptions = ReadOptions()
  ) throws(FileError) {
    let opened = try naming(url) {
      () throws(ImageFailure) -> (ImageFormat, ImageHeader, any ImageBlocks)? in
      let source = try openedSource(url)
      let (format, header) = try ImageFile.scanHeader(of: source, options)
      try ImageFile.checkSize(header, options)
      return try format.codec.blocks(of: source, header).map { (format, header, $0) }
    }
    guard let (format, header, blocks) = opened else { return nil }
    try self.init(url, format, header, options, blocks)
  }

  private init?(
    _ url: URL, _ format: ImageFormat, _ header: ImageHeader, _ options: ReadOptions,
    _ blocks: any ImageBlocks
  ) throws(FileError) {
    (self.url, self.header, self.options, self.blocks) = (url, header, options, blocks)
    cellHeight = Self.cellSide(blocks.blockHeight, of: header.height)
    cellWidth = Self.cellSide(blocks.blockWidth, of: header.width)
    let pixelBytes = header.channels * header.bitDepth / 8
    capacity = max(Self.leastCapacity, header.height * header.width * pixelBytes / 8)
    let swaps = header.orientation.swapsAxes
    (height, width) = swaps ? (header.width, header.height) : (header.height, header.width)
    let pixel = Image(
      height: 1, width: 1, channels: header.channels,
      samples: Image.Samples(repeating: 0, count: header.channels, bitDepth: header.bitDepth),
      hasAlpha: header.hasAlpha, range: header.range)
    file = ImageFile(of: pixel, header, format)
    guard cellByteCount <= capacity / 4 else { return nil }
    let (clampedCount, isWhole) = try naming(url) { () throws(ImageFailure) in try look() }
    file.addRemarks(clampedCount: clampedCount, isWhole: isWhole)
  }

  private static func cellSide(_ block: Int, of whole: Int) -> Int {
    min(whole, block * max(1, leastSide / block))
  }

  /// What is decoded at a time.
  var cellByteCount: Int { cellHeight * cellWidth * header.channels * header.bitDepth / 8 }

  /// Decodes everything once.
  private func look() throws(ImageFailure) -> (nonfiniteCount: Int, isWhole: Bool) {
    var survey = FiniteSurvey()
    var (isWhole, hasAny) = (true, false)
    var failure: ImageFailure?
    for row in 0..<(header.height + cellHeight - 1) / cellHeight {
      for column in 0..<(header.width + cellWidth - 1) / cellWidth {
        do throws(ImageFailure) {
          let (image, isThere) = try decoded(Cell(row: row, column: column))
          survey.add(image)
          isWhole = isWhole && isThere
          hasAny = true
        } catch {
          guard options.acceptTruncated, error.isDamage else { throw error }
          isWhole = false
          failure = failure ?? error
        }
      }
    }
    if !hasAny, let failure { throw failure }
    finiteRange = try survey.finiteRange(options)
    return (survey.nonfiniteCount, isWhole)
  }

  private func rows(_ cell: Cell) -> Range<Int> {
    cell.row * cellHeight..<min((cell.row + 1) * cellHeight, header.height)
  }

  private func columns(_ cell: Cell) -> Range<Int> {
    cell.column * cellWidth..<min((cell.column + 1) * cellWidth, header.width)
  }

  private func decoded(_ cell: Cell) throws(ImageFailure) -> (image: Image, isWhole: Bool) {
    let (rows, columns) = (rows(cell), columns(cell))
    var isWhole = true
    let samples = try Image.Samples(
      count: rows.count * columns.count * header.channels, bitDepth: header.bitDepth
    ) { (target) throws(ImageFailure) in
      isWhole = try blocks.decode(
        rows: rows, columns: columns, acceptingDamage: options.acceptTruncated, into: target)
    }
    let image = Image(
      height: rows.count, width: columns.count, channels: header.channels, samples: samples,
      hasAlpha: header.hasAlpha, range: header.range)
    return (image, isWhole)
  }

  /// A cell as it is in the stored image.
  private func image(_ cell: Cell) throws(ImageFailure) -> Image {
    if let image = kept[cell] {
      order.removeAll { $0 == cell }
      order.append(cell)
      return image
    }
    let stored: Image
    do throws(ImageFailure) {
      stored = try decoded(cell).image
    } catch {
      guard options.acceptTruncated, error.isDamage else { throw error }
      stored =
        ImageCanvas(
          height: rows(cell).count, width: columns(cell).count, channels: header.channels,
          bitDepth: header.bitDepth, hasAlpha: header.hasAlpha, range: header.range
        ).image
    }
    let finite = finiteRange.map(stored.clampingNonfinite) ?? stored
    let image = header.tiff?.form.isAssociated == true ? finite.unpremultiplied() : finite
    while !order.isEmpty, (order.count + 1) * cellByteCount > capacity {
      kept[order.removeFirst()] = nil
    }
    kept[cell] = image
    order.append(cell)
    return image
  }

  /// A part of the upright image. Traps if it is empty or reaches outside; throws where the file has changed.
  package func image(rows: Range<Int>, columns: Range<Int>) throws(FileError) -> Image {
    precondition(
      !rows.isEmpty && !columns.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= height
        && columns.lowerBound >= 0 && columns.upperBound <= width,
      "rows \(rows) and columns \(columns) of \(height)x\(width)")
    let stored = header.orientation.stored(
      rows: rows, columns: columns, height: header.height, width: header.width)
    let part = try naming(url) { () throws(ImageFailure) in
      try storedImage(rows: stored.rows, columns: stored.columns)
    }
    return part.oriented(by: header.orientation)
  }

  private func storedImage(
    rows: Range<Int>, columns: Range<Int>
  ) throws(ImageFailure) -> Image {
    var canvas = ImageCanvas(
      height: rows.count, width: columns.count, channels: header.channels,
      bitDepth: header.bitDepth, hasAlpha: header.hasAlpha, range: file.image.range)
    for row in rows.lowerBound / cellHeight...(rows.upperBound - 1) / cellHeight {
      for column in columns.lowerBound / cellWidth...(columns.upperBound - 1) / cellWidth {
        let cell = Cell(row: row, column: column)
        let (cellRows, cellColumns) = (self.rows(cell), self.columns(cell))
        let ownRows = cellRows.clamped(to: rows)
        let ownColumns = cellColumns.clamped(to: columns)
        let part = try image(cell).cropped(
          top: ownRows.lowerBound - cellRows.lowerBound,
          left: ownColumns.lowerBound - cellColumns.lowerBound, height: ownRows.count,
          width: ownColumns.count)
        canvas.place(
          part, top: ownRows.lowerBound - rows.lowerBound,
          left: ownColumns.lowerBound - columns.lowerBound)
      }
    }
    return canvas.image
  }
}
