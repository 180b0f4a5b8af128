import Testing
import Wording

/// Texts of others that are shown.
struct PrintableTests {
  @Test func linesCannotSteerATerminal() {
    #expect(printable("a\n\u{1B}[1m\u{202E}ü") == "a\\n\\u{1b}[1m\\u{202e}ü")
  }

  /// A joiner without width stands in Persian words; 255 bytes are what a file's name can have.
  @Test func names() {
    for name in ["cat", "a b", "写真", "می\u{200C}خواهم", String(repeating: "x", count: 255)] {
      #expect(canBeName(name))
    }
    for name in ["", "a\n", "\u{1B}", "\u{9B}", "\u{2028}", String(repeating: "x", count: 256)] {
      #expect(!canBeName(name))
    }
  }
}
