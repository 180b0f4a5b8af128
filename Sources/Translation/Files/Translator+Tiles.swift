import Datasets
import Files
import Imaging
import Models
import Torch
import Training

extension Translator {
  /// Translates one image in tiles. Throws what `open` throws, and where the file changes meanwhile.
  ///
  /// - Parameters:
  ///   - progress: called with the part of the work that is done, from 0 to 1.
  ///   - open: gives the image, once or twice.
  /// - Returns: nil where the output is not a number.
  func translateInTiles(
    _ plan: TiledGenerator.Plan, progress: (Double) -> Void,
    opening open: () throws(FileError) -> TileSource
  ) throws(FileError) -> ImageFile? {
    if let result = try attempt(plan, progress, open) { return result }
    // Weights of an unusual size may lead beyond 65504, the largest number of float16; bfloat16 has
    // float32's range.
    guard plan.storage == .float16 else { return nil }
    var coarser = plan
    coarser.storage = .bfloat16
    return try attempt(coarser, progress, open)
  }

  /// The image is read here and let go as soon as the network has taken it in: with its result and the
  /// network's maps it would not fit.
  private func attempt(
    _ plan: TiledGenerator.Plan, _ progress: (Double) -> Void,
    _ open: () throws(FileError) -> TileSource
  ) throws(FileError) -> ImageFile? {
    let source = try open()
    let (height, width) = (source.height, source.width)
    let (type, range) = model.values.result(of: source.file)

    // Made with the first tile of the result, when the larger half of the maps is gone.
    var canvas: ImageCanvas?
    var isFinite = true
    var failure: FileError?
    withBFloat16Autocast(
      usesBFloat16(bitDepth: source.file.image.bitDepth), on: settings.device
    ) {
      tiled.translate(
        height: model.configuration.paddedSize(height),
        width: model.configuration.paddedSize(width), plan, on: settings.device,
        read: { rows, columns in
          // Read before it is let go, by the order of the passes.
          do throws(FileError) {
            let part = try source.paddedImage(rows: rows, columns: columns)
            return Tensor(images: [networkInput(part)], on: settings.device)
          } catch {
            failure = failure ?? error
            let channels = model.configuration.inputChannels
            return Tensor.zeros(shape: [1, channels, rows.count, columns.count])
          }
        },
        finishedReading: source.networkHasRead,
        progress: progress,
        write: { top, left, tile in
          guard top < height, left < width, failure == nil else { return }
          let values = tile.converted(to: .float32)
          isFinite = isFinite && values.sum().item.isFinite
          var part = values.images(bitDepth: type.bitDepth, range: range)[0]
          do throws(FileError) {
            let rows = top..<min(top + part.height, height)
            let columns = left..<min(left + part.width, width)
            if let alpha = try source.alpha(rows: rows, columns: columns) {
              part = part.cropped(top: 0, left: 0, height: rows.count, width: columns.count)
                .addingAlpha(alpha)
            }
          } catch {
            failure = error
            return
          }
          if canvas == nil {
            canvas = ImageCanvas(
              height: height, width: width, channels: part.channels, bitDepth: part.bitDepth,
              hasAlpha: part.hasAlpha, range: range)
          }
          canvas?.place(part, top: top, left: left)
        })
    }
    if let failure { throw failure }
    guard isFinite, let image = canvas?.image else { return nil }
    canvas = nil
    return result(of: source.file, image, type)
  }
}
