import CCodec

/// Pixels of an image in a unit of length, as a file states them.
package struct PixelDensity: Sendable, Equatable {
  package enum Unit: UInt32, Sendable {
    /// Only the ratio of the two numbers means something.
    case aspect = 1
    case inch, centimeter, meter
  }

  /// Along a row.
  package let x: UInt32
  /// Along a column.
  package let y: UInt32
  package let unit: Unit

  package init(x: UInt32, y: UInt32, unit: Unit) {
    self.x = x
    self.y = y
    self.unit = unit
  }

  /// nil where the file has none.
  init?(_ density: codec_density) {
    guard let unit = Unit(rawValue: UInt32(density.unit.rawValue)) else { return nil }
    self.init(x: density.x, y: density.y, unit: unit)
  }

  var codecValue: codec_density {
    codec_density(x: x, y: y, unit: codec_density_unit(rawValue: .init(unit.rawValue)))
  }

  /// Of the image after `orientation` is applied.
  func oriented(by orientation: Orientation) -> PixelDensity {
    orientation.swapsAxes ? PixelDensity(x: y, y: x, unit: unit) : self
  }
}
