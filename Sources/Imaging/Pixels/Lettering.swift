import Foundation

/// Letters of 5x7 pixels, for captions on sheets, in the order of ASCII from the space to the tilde.
///
/// Each stands for its rows from top to bottom, with one digit to the base of 32 for a row: its bits are the pixels,
/// the highest on the left.
private let letters: [Substring] = """
  0000000 4444404 aaa0000 aavavaa 4fke5u4 op248j3 cik8lid 4480000 2488842 8422248 04lel40 044v440
  0000c48 000v000 00000cc 01248g0 ehjlphe 4c4444e eh1248v v2421he 26aiv22 vgu11he 68guhhe v124888
  ehhehhe ehhf12c 0cc0cc0 0cc0c48 248g842 00v0v00 8421248 eh12404 eh1dlle ehhvhhh uhhuhhu ehggghe
  uhhhhhu vgguggv vgguggg ehgnhhf hhhvhhh e44444e 72222ic hikokih ggggggv hrllhhh hhpljhh ehhhhhe
  uhhuggg ehhhlid uhhukih fgge11u v444444 hhhhhhe hhhhha4 hhhllla hha4ahh hhha444 v1248gv e88888e
  0g84210 e22222e 4ah0000 000000v 8420000 00e1fhf ggmphhu 00egghe 11djhhf 00ehvge 698s888 0fhhf1e
  ggmphhh 40c444e 20622ic ggikoki c44444e 00qllhh 00mphhh 00ehhhe 00uhugg 00djf11 00mpggg 00ege1u
  88s8896 00hhhjd 00hhha4 00hhlla 00ha4ah 00hhf1e 00v248v 2448442 4444444 8442448 008l200
  """.split(whereSeparator: \.isWhitespace)

extension Image {
  /// The height of a line of text at scale 1, with a pixel above and below.
  package static let textHeight = 9

  /// A line of black text on white, of `width` pixels; what does not fit ends in dots. Accents are left out, and
  /// characters outside ASCII are question marks.
  ///
  /// - Parameter scale: pixels on the side of each of a letter's.
  package static func text(
    _ text: String, scale: Int, width: Int, channels: Int, bitDepth: Int
  ) -> Image {
    let plain = text.folding(options: .diacriticInsensitive, locale: nil)
    let fitting = max((width / scale - 1) / 6, 0)
    let shown = plain.count > fitting ? plain.prefix(max(fitting - 3, 0)) + "..." : plain[...]
    var pixels = [[Bool]](
      repeating: [Bool](repeating: false, count: width), count: textHeight * scale)
    for (place, character) in shown.prefix(fitting).enumerated() {
      for (row, digit) in rows(of: character).enumerated() {
        for column in 0..<5 where digit >> (4 - column) & 1 == 1 {
          for y in 0..<scale {
            for x in 0..<scale {
              pixels[(row + 1) * scale + y][(place * 6 + column + 1) * scale + x] = true
            }
          }
        }
      }
    }
    let samples = pixels.joined().flatMap { isInk in
      repeatElement(isInk ? UInt16.min : .max, count: channels)
    }
    return Image(
      height: textHeight * scale, width: width, channels: channels,
      samples: .sixteenBit(samples)
    ).withBitDepth(bitDepth)
  }

  private static func rows(of character: Character) -> [Int] {
    let index = character.asciiValue.map { Int($0) - 0x20 }
    let letter = letters[index.flatMap { letters.indices.contains($0) ? $0 : nil } ?? 0x1f]
    return letter.compactMap { $0.hexDigitValue ?? Int(String($0), radix: 32) }
  }
}
