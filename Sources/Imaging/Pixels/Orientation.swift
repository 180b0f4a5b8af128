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
}
