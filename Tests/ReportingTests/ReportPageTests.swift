import Foundation
import Imaging
import TestSupport
import Testing
import Training

@testable import Reporting

/// Tests/Report looks at such pages in a browser.
struct ReportPageTests {
  /// A run in a folder of its own, of which little is there.
  private func withRun(_ body: (RunFolder) throws -> Void) throws {
    try withTemporaryFolder { root in
      let run = RunFolder(root.appendingPathComponent("a <run>"))
      try FileManager.default.createDirectory(at: run.samples, withIntermediateDirectories: true)
      try Data(#"{"step":10,"epoch":3,"G":0.5,"seconds_left":60}"#.utf8).write(to: run.metrics)
      try body(run)
    }
  }

  private func write(
    _ run: RunFolder, to file: URL? = nil, summary: String = ""
  ) throws -> (page: String, shown: [String: Any]) {
    let file = file ?? run.report
    let description = RunDescription(summary: summary, totalEpochs: 4)
    var page = ReportPage()
    try page.write([.init(folder: run, description: description, isRunning: true)], to: file)
    let text = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(text.range(of: #"id="data">"#)).upperBound
    let end = try #require(text.range(of: "</script>", range: start..<text.endIndex)).lowerBound
    let data = try JSONSerialization.jsonObject(with: Data(text[start..<end].utf8))
    let runs = try #require((data as? [String: Any])?["runs"] as? [[String: Any]])
    return (text, try #require(runs.first))
  }

  @Test func tellsWhereTheRunStands() throws {
    try withRun { run in
      let shown = try write(run).shown
      #expect(shown["name"] as? String == "a <run>")
      #expect(shown["step"] as? Int == 10)
      // In the third epoch two are done.
      #expect(shown["epochsDone"] as? Double == 2)
      #expect(shown["isRunning"] as? Bool == true)
      #expect(shown["isComplete"] as? Bool == false)
      #expect(shown["secondsLeft"] as? Double == 60)
    }
  }

  @Test func noTextLeavesItsPlace() throws {
    try withRun { run in
      let hostile = "</script><script>alert(1)</script>"
      let (page, shown) = try write(run, summary: hostile)
      #expect(shown["summary"] as? String == hostile)
      #expect(page.components(separatedBy: "</script>").count == 3)
      #expect(page.contains("<title>a &lt;run></title>"))
      // All of its parts were put in.
      #expect(!page.contains("{{"))
    }
  }

  @Test func sheetsAreEmbeddedSmallAndLinked() throws {
    try withRun { run in
      let sheet = Image(
        height: 10, width: 1300, channels: 3,
        samples: .eightBit([UInt8](repeating: 9, count: 39_000)))
      try ImageFile(image: sheet, format: .png).write(
        to: run.samples.appendingPathComponent("epoch-0005.png"))
      let page = run.url.deletingLastPathComponent().appendingPathComponent("page.html")
      let samples = try #require(try write(run, to: page).shown["samples"] as? [[String: Any]])
      #expect(samples.count == 1)
      #expect(samples[0]["label"] as? String == "epoch 5")
      #expect(samples[0]["file"] as? String == "a%20%3Crun%3E/samples/epoch-0005.png")
      #expect((samples[0]["preview"] as? String)?.hasPrefix("data:image/jpeg;base64,") == true)
    }
  }

  @Test func pathsLeadFromThePage() {
    let folder = URL(fileURLWithPath: "/runs/x/samples")
    #expect(
      PageText.path(from: URL(fileURLWithPath: "/runs/x/report.html"), to: folder) == "samples")
    #expect(
      PageText.path(from: URL(fileURLWithPath: "/pages/report.html"), to: folder)
        == "../runs/x/samples")
  }

  @Test func placesSpreadFromTheNewest() {
    #expect(SheetPreviews.spread(5) == [4, 0, 2, 1, 3])
    #expect(SheetPreviews.spread(1) == [0])
    #expect(SheetPreviews.spread(0).isEmpty)
    for count in 2...40 { #expect(SheetPreviews.spread(count).sorted() == Array(0..<count)) }
  }
}
