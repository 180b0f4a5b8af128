import Imaging

/// An image being painted back to front.
///
/// Scenes live in the unit square: x to the right, y down, both from 0 to 1. A pixel is a small
/// rectangle of it.
struct SceneCanvas {
  let height: Int
  let width: Int
  private(set) var pixels: [SceneColor]

  init(height: Int, width: Int) {
    self.height = height
    self.width = width
    pixels = Array(repeating: .zero, count: height * width)
  }

  /// Center of a column's pixels.
  func x(_ column: Int) -> Float { (Float(column) + 0.5) / Float(width) }

  /// Center of a row's pixels.
  func y(_ row: Int) -> Float { (Float(row) + 0.5) / Float(height) }

  /// The nearest color to a point; points outside the image get its edge.
  func color(x: Float, y: Float) -> SceneColor {
    let column = min(max(Int(x * Float(width)), 0), width - 1)
    let row = min(max(Int(y * Float(height)), 0), height - 1)
    return pixels[row * width + column]
  }

  /// Lays `color` over one pixel; `coverage` in [0, 1] is the part of the pixel that it covers.
  mutating func blend(_ color: SceneColor, coverage: Float, row: Int, column: Int) {
    let index = row * width + column
    pixels[index] = mix(pixels[index], color, coverage)
  }

  /// Paints everything below the curve `crest` and above the line `bottom`.
  ///
  /// - Parameters:
  ///   - crest: the curve's y at an x; the edge is smoothed over four places in each column.
  ///   - bottom: y of the last line that can still be seen.
  ///   - color: the color at (x, y), where the last argument is the depth under the crest.
  mutating func fill(
    below crest: (Float) -> Float, to bottom: Float = 1, color: (Float, Float, Float) -> SceneColor
  ) {
    let lastRow = min(height, Int(bottom * Float(height)) + 1)
    for column in 0..<width {
      let center = x(column)
      let places = SIMD4<Float>(-0.375, -0.125, 0.125, 0.375) / Float(width) + center
      let edges =
        SIMD4(crest(places[0]), crest(places[1]), crest(places[2]), crest(places[3]))
        * Float(height)
      let edge = edges.sum() / 4 / Float(height)
      for row in max(0, Int(edges.min()))..<max(lastRow, 0, Int(edges.min())) {
        let covered =
          (Float(row + 1) - edges).clamped(lowerBound: .zero, upperBound: .one).sum() / 4
        let middle = y(row)
        blend(
          color(center, middle, max(0, middle - edge)), coverage: covered, row: row, column: column)
      }
    }
  }

  /// Paints a small thing inside a box, looking at four points of every pixel.
  ///
  /// - Parameter sample: the color at (x, y) and its opacity in [0, 1], or nil outside the thing.
  mutating func stamp(
    x horizontal: ClosedRange<Float>, y vertical: ClosedRange<Float>,
    sample: (Float, Float) -> (color: SceneColor, opacity: Float)?
  ) {
    let columns = range(horizontal, count: width)
    let rows = range(vertical, count: height)
    for row in rows {
      for column in columns {
        var sum = SceneColor.zero
        var opacity: Float = 0
        for place in 0..<4 {
          let dx = (place & 1 == 0 ? 0.25 : 0.75) as Float
          let dy = (place < 2 ? 0.25 : 0.75) as Float
          let point = ((Float(column) + dx) / Float(width), (Float(row) + dy) / Float(height))
          guard let found = sample(point.0, point.1) else { continue }
          sum += found.color * found.opacity
          opacity += found.opacity
        }
        if opacity > 0 { blend(sum / opacity, coverage: opacity / 4, row: row, column: column) }
      }
    }
  }

  /// Lays one color over a box; `strength` in [0, 1] says how much at (x, y).
  mutating func shade(
    x horizontal: ClosedRange<Float>, y vertical: ClosedRange<Float>, color: SceneColor,
    strength: (Float, Float) -> Float
  ) {
    let columns = range(horizontal, count: width)
    for row in range(vertical, count: height) {
      for column in columns {
        blend(color, coverage: strength(x(column), y(row)), row: row, column: column)
      }
    }
  }

  /// The painted image: RGB, 8 bits, values rounded to the nearest level.
  func image() -> Image {
    var bytes = [UInt8]()
    bytes.reserveCapacity(pixels.count * 3)
    for pixel in pixels {
      for channel in 0..<3 { bytes.append(UInt8(clamped(pixel[channel]) * 255 + 0.5)) }
    }
    return Image(height: height, width: width, channels: 3, pixels: bytes)
  }

  /// The pixels that a stretch of the unit interval touches, limited to the image.
  private func range(_ stretch: ClosedRange<Float>, count: Int) -> Range<Int> {
    let low = min(max(Int(stretch.lowerBound * Float(count)), 0), count)
    let high = min(max(Int(stretch.upperBound * Float(count)) + 1, low), count)
    return low..<high
  }
}
