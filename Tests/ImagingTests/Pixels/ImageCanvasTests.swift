import TestSupport
import Testing

@testable import Imaging

@Suite struct ImageCanvasTests {
  @Test func partsAreCutOffAtTheEdge() {
    var canvas = ImageCanvas(height: 2, width: 3, channels: 1, bitDepth: 8)
    canvas.place(Image(height: 2, width: 2, channels: 1, pixels: [1, 2, 3, 4]), top: 0, left: 0)
    canvas.place(Image(height: 2, width: 2, channels: 1, pixels: [5, 6, 7, 8]), top: 1, left: 2)
    #expect(canvas.image == Image(height: 2, width: 3, channels: 1, pixels: [1, 2, 0, 3, 4, 5]))
  }

  /// Ten thousand copies of 48 MB would take a minute.
  @Test(arguments: [8, 16]) func partsAreWrittenInPlace(bitDepth: Int) {
    var canvas = ImageCanvas(height: 4000, width: 4000, channels: 3, bitDepth: bitDepth)
    let part = makeImage(1, height: 1, width: 1).withBitDepth(bitDepth)
    let time = ContinuousClock().measure {
      for place in 0..<10_000 { canvas.place(part, top: place % 4000, left: place / 4) }
    }
    #expect(time < .seconds(5))
  }

  @Test func sixteenBits() {
    var canvas = ImageCanvas(height: 1, width: 2, channels: 2, bitDepth: 16)
    let part = Image(height: 1, width: 1, channels: 2, samples: .sixteenBit([300, 65535]))
    canvas.place(part, top: 0, left: 1)
    #expect(
      canvas.image
        == Image(height: 1, width: 2, channels: 2, samples: .sixteenBit([0, 0, 300, 65535])))
  }

  @Test(arguments: [
    ("white", Color.white), ("BLACK", .black), ("gray", Color(red: 128, green: 128, blue: 128)),
    ("#c0ffee", Color(red: 0xC0, green: 0xFF, blue: 0xEE)),
    ("000a00", Color(red: 0, green: 10, blue: 0)),
  ])
  func colorsHaveNamesAndNumbers(text: String, color: Color) {
    #expect(Color(text: text) == color)
    #expect(Color(text: color.text) == color)
  }

  @Test(arguments: ["", "#", "red", "#12345", "#1234567", "-12345", "+12345", "#12 456", "１２３４５６"])
  func otherWordsAreNoColors(text: String) {
    #expect(Color(text: text) == nil)
  }
}
