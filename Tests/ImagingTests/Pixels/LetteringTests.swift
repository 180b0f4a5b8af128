import Testing

@testable import Imaging

struct LetteringTests {
  /// `#` for ink.
  private func drawn(_ text: String, width: Int, scale: Int = 1) -> [String] {
    let image = Image.text(text, scale: scale, width: width, channels: 1, bitDepth: 8)
    guard case .eightBit(let samples) = image.samples else { return [] }
    return (0..<image.height).map { row in
      String(samples[row * width..<(row + 1) * width].map { $0 == 0 ? "#" : "." })
    }
  }

  @Test func lettersHaveAPixelAround() {
    #expect(
      drawn("L1", width: 14) == [
        "..............",
        ".#.......#....",
        ".#......##....",
        ".#.......#....",
        ".#.......#....",
        ".#.......#....",
        ".#.......#....",
        ".#####..###...",
        "..............",
      ])
  }

  @Test func scalesByWholePixels() {
    let once = drawn("g", width: 8)
    let twice = drawn("g", width: 16, scale: 2)
    #expect(
      twice
        == once.flatMap { row in
          let wide = row.map { "\($0)\($0)" }.joined()
          return [wide, wide]
        })
  }

  /// Room for five letters: two and three dots.
  @Test func whatDoesNotFitEndsInDots() {
    #expect(drawn("abcdefg", width: 31) == drawn("ab...", width: 31))
    #expect(drawn("abcde", width: 31) != drawn("ab...", width: 31))
    #expect(drawn("abc", width: 2).allSatisfy { $0 == ".." })
  }

  @Test func otherCharactersAreReplaced() {
    #expect(drawn("é", width: 8) == drawn("e", width: 8))
    #expect(drawn("夏", width: 8) == drawn("?", width: 8))
  }
}
