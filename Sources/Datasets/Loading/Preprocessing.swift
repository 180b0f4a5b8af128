import Imaging

/// What happens to an image between its file and the network. Source: REFERENCE.md, section 1.10.
package struct Preprocessing: Preparation, Equatable {
  package enum Mode: String, Codable, Sendable, CaseIterable {
    /// To a square of the load size, then a random square of the crop size.
    case resizeAndCrop = "resize-and-crop"
    /// A random square of the crop size.
    case crop
    /// To the load size's width, keeping the aspect ratio.
    case scaleWidth = "scale-width"
    /// The same, then a random square of the crop size.
    case scaleWidthAndCrop = "scale-width-and-crop"
    /// Only to the nearest size the network takes.
    case none
  }

  package var mode: Mode
  /// In pixels; the side or width that images are resized to.
  package var loadSize: Int
  /// In pixels; the side of the square that is cut out.
  package var cropSize: Int
  /// Mirrors half of the images left to right.
  package var flip: Bool
  /// That the networks take; gray and color become one another.
  package var channels: Int
  /// Without a crop, both sides are rounded to a multiple of this.
  package var sizeMultiple: Int
  /// What shows through transparent pixels.
  package var background = Color.white
  /// The values that become black and white; nil takes the ends of each file's type.
  package var range: ValueRange?
  /// Which files are taken; the size that is needed is filled in for each.
  package var reading = ReadOptions()

  package var readingOptions: ReadOptions {
    var options = reading
    // Other modes need the file's own size.
    let needed = mode == .resizeAndCrop ? loadSize : nil
    (options.minimumHeight, options.minimumWidth) = (needed, needed)
    return options
  }

  package init(
    mode: Mode, loadSize: Int, cropSize: Int, flip: Bool, channels: Int, sizeMultiple: Int
  ) {
    self.mode = mode
    self.loadSize = loadSize
    self.cropSize = cropSize
    self.flip = flip
    self.channels = channels
    self.sizeMultiple = sizeMultiple
  }

  /// Whether what reaches the networks is cut out of an image, as a square of the crop size.
  package var crops: Bool { mode == .resizeAndCrop || mode == .crop || mode == .scaleWidthAndCrop }

  /// The size an image has after resizing and before cropping.
  func resizedSize(height: Int, width: Int) -> (height: Int, width: Int) {
    switch mode {
    case .resizeAndCrop: return (loadSize, loadSize)
    case .crop: return (height, width)
    case .scaleWidthAndCrop: return scaledToWidth(height: height, width: width)
    case .scaleWidth:
      let scaled = scaledToWidth(height: height, width: width)
      return (roundedToMultiple(scaled.height), roundedToMultiple(scaled.width))
    case .none: return (roundedToMultiple(height), roundedToMultiple(width))
    }
  }

  /// The size that reaches the network.
  func outputSize(height: Int, width: Int) -> (height: Int, width: Int) {
    crops ? (cropSize, cropSize) : resizedSize(height: height, width: width)
  }

  /// A side is not made longer or shorter by more: nothing of the image would be left to see.
  private static let largestFactor = 1000.0

  /// Why an image cannot be resized and cut; `nil` if it can.
  package func obstacle(height: Int, width: Int) -> String? {
    let resized = resizedSize(height: height, width: width)
    if crops, min(resized.height, resized.width) < cropSize {
      return "\(width)x\(height) is smaller than the crop of \(cropSize)x\(cropSize)"
    }
    let factors = [
      Double(resized.height) / Double(height), Double(resized.width) / Double(width),
    ]
    let (pixels, overflow) = resized.height.multipliedReportingOverflow(by: resized.width)
    guard !overflow, pixels <= reading.maximumPixels,
      factors.allSatisfy({ (1 / Self.largestFactor...Self.largestFactor).contains($0) })
    else {
      return "\(width)x\(height) would be resized to \(resized.width)x\(resized.height)"
    }
    return nil
  }

  private func scaledToWidth(height: Int, width: Int) -> (height: Int, width: Int) {
    if width == loadSize && height >= cropSize { return (height, width) }
    return (max(loadSize * height / width, cropSize), loadSize)
  }

  /// Halves go to the even multiple, as Python rounds: 250 to 248 and 254 to 256 for multiples of 4.
  private func roundedToMultiple(_ size: Int) -> Int {
    let multiples = (Double(size) / Double(sizeMultiple)).rounded(.toNearestOrEven)
    return max(Int(multiples), 1) * sizeMultiple
  }

  /// What is the same in every epoch: the network's channels, and the size before the crop. More than 8 bits become
  /// floats, so that nothing is rounded.
  package func prepared(_ image: Image) -> Image {
    let deep = image.bitDepth == 8 ? image : image.inFloats()
    let image = deep.converted(toChannels: channels, background: background)
    let size = resizedSize(height: image.height, width: image.width)
    return image.resized(height: size.height, width: size.width)
  }

  /// Cuts out and mirrors a prepared image; the place and the mirroring are drawn from `generator`.
  ///
  /// Traps if the image is smaller than the crop, which `obstacle` tells.
  func augmented(_ image: Image, drawing generator: inout SplitMix64) -> Image {
    var image = image
    // Drawn in every mode, so that the stream of one does not depend on the mode.
    let top = generator.next()
    let left = generator.next()
    let mirror = generator.next()
    if crops {
      image = image.cropped(
        top: Int(top % UInt64(image.height - cropSize + 1)),
        left: Int(left % UInt64(image.width - cropSize + 1)), height: cropSize, width: cropSize)
    }
    return flip && mirror >> 63 == 1 ? image.flippedLeftToRight() : image
  }

  /// For looking at, without chance: the whole of a prepared image in the shape that its file has, with the crop size
  /// as its shorter side. The longer side is at most three times as long.
  func forSampling(_ image: Image, fileHeight: Int, fileWidth: Int) -> Image {
    func side(_ length: Int, per shorter: Int) -> Int {
      let wanted = Double(cropSize) * min(Double(length) / Double(shorter), 3)
      return max(Int((wanted / Double(sizeMultiple)).rounded()), 1) * sizeMultiple
    }
    let shorter = min(fileHeight, fileWidth)
    return image.resized(
      height: side(fileHeight, per: shorter), width: side(fileWidth, per: shorter))
  }
}
