import Imaging
import TestSupport
import Testing

@testable import Translation

struct SampleSheetTests {
  /// Images of 16x16 and 16x32 pixels are enlarged eight times: cells are 256 pixels wide, whatever is in them.
  @Test func columnsStandBelowTheirHeads() throws {
    try withTemporaryFolder { root in
      let trainer = CycleGANTrainer(
        configuration: try TinyRun(in: root).configuration, device: .cpu)
      let images = [
        ("square", makeImage(1, height: 16, width: 16)),
        ("wide", makeImage(2, height: 16, width: 32)),
      ]
      let sheet = SampleSheet(a: images, b: [], shownChannels: nil).draw(with: trainer, caption: "")
      #expect(sheet.width == 4 * (256 + 4) + 4)
      // The caption, the heads with four pixels around, and the name; letters are twice as large there.
      let line = 2 * Image.textHeight
      let top = line + (line + 8) + line + 4
      func row(left: Int, width: Int) -> Image {
        sheet.cropped(top: top + 8, left: left, height: 1, width: width)
      }
      let white = Image(
        height: 1, width: 128, channels: 3, samples: .eightBit([UInt8](repeating: 255, count: 384)))
      for column in 0..<4 {
        let left = 4 + column * 260
        #expect(row(left: left, width: 128) != white)
        #expect(row(left: left + 128, width: 128) == white)
      }
    }
  }
}
