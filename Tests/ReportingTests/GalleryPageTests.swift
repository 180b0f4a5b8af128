import Foundation
import Imaging
import TestSupport
import Testing

@testable import Reporting

/// Tests/Report looks at such a page in a browser.
struct GalleryPageTests {
  private func write(
    _ pairs: [GalleryPage.Pair], to page: URL
  ) throws -> (page: String, shown: [String: Any]) {
    try GalleryPage.write(
      pairs, model: "</script>", to: page, reading: ReadOptions(), workers: 2, progress: { _, _ in }
    )
    let text = try String(contentsOf: page, encoding: .utf8)
    let start = try #require(text.range(of: #"id="data">"#)).upperBound
    let end = try #require(text.range(of: "</script>", range: start..<text.endIndex)).lowerBound
    let data = try JSONSerialization.jsonObject(with: Data(text[start..<end].utf8))
    return (text, try #require(data as? [String: Any]))
  }

  @Test func showsEachImageBeforeAndAfterAtTheSizeOfTheResult() throws {
    try withTemporaryFolder { root in
      let before = try writeImages(3, to: root.appendingPathComponent("in"), height: 30, width: 20)
      // A result that was asked for at another size.
      let after = try writeImages(
        2, to: root.appendingPathComponent("a <b>"), first: 9, height: 60, width: 40)
      let pairs =
        zip(before, after).map { GalleryPage.Pair(before: $0, after: $1) }
        + [GalleryPage.Pair(before: before[2], after: root.appendingPathComponent("missing.png"))]
      let (page, shown) = try write(pairs, to: root.appendingPathComponent("gallery.html"))
      let found = try #require(shown["pairs"] as? [[String: Any]])
      #expect(found.map { $0["name"] as? String } == ["00.png", "01.png"])
      #expect(found[0]["file"] as? String == "a%20%3Cb%3E/00.png")
      #expect(found[0]["width"] as? Int == 40 && found[0]["height"] as? Int == 60)
      #expect(shown["leftOut"] as? Int == 1)
      for key in ["before", "after"] {
        let url = try #require(found[0][key] as? String)
        let prefix = "data:image/jpeg;base64,"
        #expect(url.hasPrefix(prefix))
        let file = root.appendingPathComponent("\(key).jpg")
        try #require(Data(base64Encoded: String(url.dropFirst(prefix.count)))).write(to: file)
        let image = try ImageFile.read(from: file).image
        #expect(image.width == 40 && image.height == 60)
      }
      // The data end where they should, whatever is in them, and all parts were put in.
      #expect(shown["model"] as? String == "</script>")
      #expect(page.components(separatedBy: "</script>").count == 3)
      #expect(!page.contains("{{"))
    }
  }
}
