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
    let digits = String(number, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
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
