/// How a camera was held: what has to be done to the stored pixels to see the image upright.
///
/// The raw values are those of the EXIF tag 0x0112 (CIPA DC-008, section 4.6.4).
package enum Orientation: Int, Sendable, CaseIterable {
  case upright = 1
  /// Mirror left to right.
  case mirrored = 2
  /// Turn by 180 degrees.
  case upsideDown = 3
  /// Mirror top to bottom.
  case mirroredUpsideDown = 4
  /// Swap rows and columns.
  case transposed = 5
  /// Turn clockwise by 90 degrees.
  case turnedClockwise = 6
  /// Swap rows and columns across the other diagonal.
  case transversed = 7
  /// Turn counter-clockwise by 90 degrees.
  case turnedCounterClockwise = 8

  /// Whether height and width change places.
  package var swapsAxes: Bool { rawValue >= 5 }

  /// The part of a stored image of `height` rows and `width` columns that becomes a part of the upright one.
  func stored(
    rows: Range<Int>, columns: Range<Int>, height: Int, width: Int
  ) -> (rows: Range<Int>, columns: Range<Int>) {
    func mirrored(_ range: Range<Int>, _ count: Int) -> Range<Int> {
      count - range.upperBound..<count - range.lowerBound
    }
    let (down, across) = swapsAxes ? (columns, rows) : (rows, columns)
    let startsBelow: Set = [
      Orientation.upsideDown, .mirroredUpsideDown, .turnedClockwise, .transversed,
    ]
    let startsRight: Set = [
      Orientation.mirrored, .upsideDown, .transversed, .turnedCounterClockwise,
    ]
    return (
      startsBelow.contains(self) ? mirrored(down, height) : down,
      startsRight.contains(self) ? mirrored(across, width) : across
    )
  }
}
