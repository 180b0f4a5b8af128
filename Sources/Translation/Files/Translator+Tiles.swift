import Datasets
import Files
import Imaging
import Models
import Torch
import Training

extension Translator {
  /// Translates one image in tiles. Throws what `read` throws.
  ///
  /// - Parameters:
  ///   - progress: called with the part of the work that is done, from 0 to 1.
  ///   - read: gives the image, once or twice.
  /// - Returns: nil where the output is not a number.
  func translateInTiles(
    _ plan: TiledGenerator.Plan, progress: (Double) -> Void,
    reading read: () throws(FileError) -> ImageFile
  ) throws(FileError) -> ImageFile? {
    if let result = try attempt(plan, progress, read) { return result }
    // Weights of an unusual size may lead beyond 65504, the largest number of float16; bfloat16 has
    // float32's range.
    guard plan.storage == .float16 else { return nil }
    var coarser = plan
    coarser.storage = .bfloat16
    return try attempt(coarser, progress, read)
  }

  /// The image is read here and let go as soon as the network has taken it in: with its result and the
  /// network's maps it would not fit.
  private func attempt(
    _ plan: TiledGenerator.Plan, _ progress: (Double) -> Void,
    _ read: () throws(FileError) -> ImageFile
  ) throws(FileError) -> ImageFile? {
    var file = try read()
    let (height, width, bitDepth) = (file.image.height, file.image.width, file.image.bitDepth)
    let (type, range) = model.values.result(of: file)
    let alpha = file.image.alpha
    var image: Image? = padded(networkInput(file.image))
    file.image = Image(height: 1, width: 1, channels: 1, pixels: [0])

    // Made with the first tile of the result, when the larger half of the maps is gone.
    var canvas: ImageCanvas?
    var isFinite = true
    withBFloat16Autocast(usesBFloat16(bitDepth: bitDepth), on: settings.device) {
      tiled.translate(
        height: model.configuration.paddedSize(height),
        width: model.configuration.paddedSize(width), plan, on: settings.device,
        read: { rows, columns in
          // Read before it is let go, by the order of the passes.
          Tensor(images: [
            image!.cropped(
              top: rows.lowerBound, left: columns.lowerBound, height: rows.count,
              width: columns.count)
          ])
        },
        finishedReading: { image = nil },
        progress: progress,
        write: { top, left, tile in
          guard top < height, left < width else { return }
          let values = tile.moved(to: .cpu).converted(to: .float32)
          isFinite = isFinite && values.sum().item.isFinite
          let part = values.images(bitDepth: type.bitDepth, range: range)[0]
          if canvas == nil {
            canvas = ImageCanvas(
              height: height, width: width, channels: part.channels, bitDepth: part.bitDepth,
              hasAlpha: false, range: range)
          }
          canvas?.place(part, top: top, left: left)
        })
    }
    guard isFinite, let image = canvas?.image else { return nil }
    canvas = nil
    return result(of: file, image, alpha: alpha, type)
  }
}
