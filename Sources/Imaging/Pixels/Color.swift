import Wording

/// An opaque color of 8 bits a channel.
package struct Color: Sendable, Equatable {
  package let red: UInt8
  package let green: UInt8
  package let blue: UInt8

  package init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  package static let white = Color(red: 255, green: 255, blue: 255)
  package static let black = Color(red: 0, green: 0, blue: 0)

  /// Red, green and blue.
  var levels: [UInt8] { [red, green, blue] }
}

extension Color: Codable {
  /// A name (`white`, `black`, `gray`) or a number such as `#c0ffee`, in any letter case; nil for other
  /// words.
  package init?(text: String) {
    let word = text.lowercased()
    if let named = Self.named.first(where: { $0.name == word }) {
      self = named.color
      return
    }
    let digits = word.hasPrefix("#") ? word.dropFirst() : word[...]
    guard digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit),
      let number = UInt32(digits, radix: 16)
    else { return nil }
    self.init(
      red: UInt8(number >> 16), green: UInt8(number >> 8 & 255), blue: UInt8(number & 255))
  }

  /// The name, or the number with six digits.
  package var text: String {
    if let named = Self.named.first(where: { $0.color == self }) { return named.name }
    let number = UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
    return "#" + padded(number, to: 6, radix: 16)
  }

  private static let named: [(name: String, color: Color)] = [
    ("white", .white), ("black", .black), ("gray", Color(red: 128, green: 128, blue: 128)),
  ]

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let color = Color(text: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is no color")
    }
    self = color
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
