import Foundation
import Imaging

/// A small image that is smooth in both directions and unlike that of any other number.
package func makeImage(
  _ number: Int, height: Int = 16, width: Int = 16, channels: Int = 3
) -> Image {
  var pixels: [UInt8] = []
  pixels.reserveCapacity(height * width * channels)
  for y in 0..<height {
    for x in 0..<width {
      for channel in 0..<channels {
        // Odd factors, so that numbers and channels differ in their low bits as well.
        let value = number * 37 + channel * 61 + y * (5 + number % 3) + x * (3 + channel)
        pixels.append(UInt8(truncatingIfNeeded: value))
      }
    }
  }
  return Image(height: height, width: width, channels: channels, pixels: pixels)
}

/// Writes `makeImage(0)`, `makeImage(1)`, ... as `00.png`, `01.png`, ... into a new folder.
/// - Parameter first: the number of the first image, for folders with nothing in common.
/// - Returns: the files in order.
@discardableResult
package func writeImages(
  _ count: Int, to folder: URL, first: Int = 0, height: Int = 16, width: Int = 16,
  channels: Int = 3
) throws -> [URL] {
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return try (0..<count).map { index in
    let name = (index < 10 ? "0" : "") + "\(index).png"
    let file = folder.appendingPathComponent(name)
    let image = makeImage(first + index, height: height, width: width, channels: channels)
    try ImageFile(image: image, format: .png).write(to: file)
    return file
  }
}
