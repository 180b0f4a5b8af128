import Torch

/// A trained generator that works through an image in tiles, for images whose feature maps do not fit
/// in memory.
///
/// Convolutions see only a few pixels around, so that a tile is computed exactly from a slightly larger
/// one. Instance norm sees the whole image: before a normalized map is used, one pass over its tiles
/// gathers mean and variance. Smaller maps are kept between passes; larger ones are computed again from them.
/// The result is the whole image's up to rounding, and no tile shows.
///
/// Nothing here knows an architecture: the network is a tree of layers, each of which tiles itself.
package struct TiledGenerator {
  /// How the work is cut up.
  package struct Plan: Sendable, Hashable {
    /// Side of a tile of the image, in pixels.
    package var side: Int
    /// Number format of the maps that are kept.
    package var storage: DType
    /// Maps are kept whose sides are the image's divided by this, or less; larger ones are computed again
    /// where they are needed.
    package var keptScale: Int

    package init(side: Int, storage: DType, keptScale: Int = 2) {
      self.side = side
      self.storage = storage
      self.keptScale = keptScale
    }
  }

  private let network: any Module
  private let scales: NetworkScales
  private let inputChannels: Int
  private let rehearsals = Rehearsals()

  /// - Parameter network: a tree of layers that takes images of `inputChannels` and keeps their size.
  package init(_ network: any Module, inputChannels: Int) {
    self.network = network
    self.inputChannels = inputChannels
    scales = NetworkScales(of: network)
  }

  /// Computes an image's translation and hands it out in tiles, which cover it without overlap.
  ///
  /// - Parameters:
  ///   - height: the image's, with `width`; multiples of what the network takes.
  ///   - device: that the network's weights are on.
  ///   - read: any part of the image, `[1, inputChannels, rows, columns]` in [-1, 1].
  ///   - finishedReading: called when `read` will not be called any more.
  ///   - progress: called on the way with the part of the work that is done, from 0 to 1.
  ///   - write: a part of the result, `[1, outputChannels, rows, columns]`.
  package func translate(
    height: Int, width: Int, _ plan: Plan, on device: Device,
    read: @escaping (_ rows: Range<Int>, _ columns: Range<Int>) -> Tensor,
    finishedReading: @escaping () -> Void = {}, progress: (Double) -> Void,
    write: (_ top: Int, _ left: Int, Tensor) -> Void
  ) {
    let rehearsal = rehearse(height: height, width: width, plan, imageBytesPerPixel: 0)
    withoutActuallyEscaping(progress) { progress in
      let pass = TiledPass(
        height: height, width: width, plan, scales,
        expectedWork: rehearsal.work, report: progress)
      let image = ImageMap(
        height: height, width: width, channels: inputChannels, device: device, read: read,
        finished: finishedReading)
      withoutGradients {
        let output = network.mapped(image, in: pass)
        pass.forEachTile(of: output) { write($0.rows.lowerBound, $0.columns.lowerBound, $1) }
        image.discard(before: .max)
      }
    }
  }

  /// The most memory that `translate` needs at one time, in bytes: the maps that are kept, the tile that is
  /// worked on, the image until it has been read and the result from its first tile on.
  ///
  /// Found by walking the network's layers without computing anything.
  /// - Parameter imageBytesPerPixel: of the image, and of its result.
  package func bytes(height: Int, width: Int, _ plan: Plan, imageBytesPerPixel: Int) -> Int {
    rehearse(height: height, width: width, plan, imageBytesPerPixel: imageBytesPerPixel).peakBytes
  }

  private func rehearse(
    height: Int, width: Int, _ plan: Plan, imageBytesPerPixel: Int
  ) -> (work: Int, peakBytes: Int) {
    let image = Rehearsals.Image(
      height: height, width: width, plan: plan, bytesPerPixel: imageBytesPerPixel)
    return rehearsals.outcome(of: image) { rehearsed(image) }
  }

  private func rehearsed(_ size: Rehearsals.Image) -> (work: Int, peakBytes: Int) {
    let (height, width, plan) = (size.height, size.width, size.plan)
    let pass = TiledPass(
      height: height, width: width, plan, scales, expectedWork: nil)
    let imageBytes = height * width * size.bytesPerPixel
    let image = ImageMap(
      height: height, width: width, channels: inputChannels, device: .cpu,
      read: { _, _ in preconditionFailure("a rehearsal reads nothing") },
      finished: { pass.give(imageBytes) })
    pass.take(imageBytes)
    let output = network.mapped(image, in: pass)
    pass.take(imageBytes)
    pass.forEachTile(of: output) { _, _ in }
    image.discard(before: .max)
    return (pass.work, pass.peakBytes)
  }

  /// Of the weights, in bytes.
  package var weightBytes: Int {
    network.namedParameters().reduce(0) {
      $0 + $1.value.tensor.elementCount * DType.float32.byteCount
    }
  }

  /// The most memory that a plain pass over so many pixels needs at one time, beside the image, in bytes.
  package func wholeBytes(pixels: Int) -> Int { scales.bytes(pixels: pixels) }
}

/// What rehearsals found: choosing a plan and carrying it out ask for the same several times.
private final class Rehearsals {
  struct Image: Hashable {
    let height, width: Int
    let plan: TiledGenerator.Plan
    let bytesPerPixel: Int
  }

  private static let capacity = 256
  private var outcomes: [Image: (work: Int, peakBytes: Int)] = [:]

  func outcome(
    of image: Image, _ rehearse: () -> (work: Int, peakBytes: Int)
  ) -> (work: Int, peakBytes: Int) {
    if let known = outcomes[image] { return known }
    if outcomes.count >= Self.capacity { outcomes.removeAll() }
    let found = rehearse()
    outcomes[image] = found
    return found
  }
}
