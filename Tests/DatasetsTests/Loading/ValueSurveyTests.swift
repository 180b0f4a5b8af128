import Foundation
import Imaging
import TestSupport
import Testing

@testable import Datasets

/// What is found out about the values of files.
struct ValueSurveyTests {
  private func survey(_ values: [[Float]]) -> ValueSurvey {
    var all = ValueSurvey()
    for row in values {
      let image = Image(height: 1, width: row.count, channels: 1, samples: .float(row))
      var file = ImageFile(image: image, format: .tiff)
      file.hasRange = false
      all.add(ValueSurvey(file, sampleCount: 0))
    }
    return all
  }

  /// Of 0, 1, ..., 100, one hundredth lies below 1 and one above 99; between two values in proportion.
  @Test func percentilesAreThoseOfAllImages() {
    let found = survey([(0...50).map(Float.init), (51...100).reversed().map(Float.init)])
    #expect(found.range(fromPercentile: 0, to: 100) == ValueRange(0, 100))
    #expect(found.range(fromPercentile: 1, to: 99) == ValueRange(1, 99))
    #expect(found.range(fromPercentile: 2.5, to: 97.25) == ValueRange(2.5, 97.25))
    #expect(found.countWithoutRange == 2)
    #expect(found.extremes?.low == 0 && found.extremes?.high == 100)
    #expect(survey([[7, 7, 7]]).range(fromPercentile: 1, to: 99) == nil)
    #expect(survey([]).range(fromPercentile: 1, to: 99) == nil)
  }

  @Test(
    arguments: [
      ("0..4095", .values(ValueRange(0, 4095))), ("-1024..3071", .values(ValueRange(-1024, 3071))),
      ("-0.5..1e3", .values(ValueRange(-0.5, 1000))),
      ("1%..99%", .percentiles(low: 1, high: 99)),
      ("0.5%..100%", .percentiles(low: 0.5, high: 100)),
    ] as [(String, RangeChoice)])
  func rangesAreRead(text: String, choice: RangeChoice) {
    #expect(RangeChoice(text: text) == choice)
    #expect(RangeChoice(text: choice.text) == choice)
  }

  @Test(
    arguments: [
      "", "..", "1", "1..", "..1", "2..1", "1..1", "nan..1", "0..inf", "1%..2", "1..2%", "%1..2%",
      "-1%..5%", "5%..101%", "1...3", "a..b", "0..1..2",
    ])
  func otherWordsAreNoRanges(text: String) {
    #expect(RangeChoice(text: text) == nil)
  }

  /// Channels of other numbers than the networks', and floats without a range.
  @Test func whatTheNetworksDoNotTakeIsNamed() throws {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("x.tif")
      let image = Image(
        height: 8, width: 8, channels: 5, samples: .float((0..<320).map(Float.init)))
      try ImageFile(image: image, format: .tiff).write(to: file)
      func check(_ channels: Int) throws -> CheckedImages {
        try CheckedImages(
          pages([file]),
          preprocessing: Preprocessing(
            mode: .crop, loadSize: 8, cropSize: 8, flip: false, channels: channels, sizeMultiple: 1),
          minimumSize: 1, workers: 1)
      }
      #expect(
        try check(3).skipped.map(\.description) == [
          "\(file.path): has 5 channels; the networks take 3"
        ])
      let found = try check(5)
      #expect(found.images == pages([file]) && found.survey.countWithoutRange == 1)
      #expect(found.survey.extremes?.high == 319)
      #expect(found.survey.types == [SampleType(.float, bits: 32)])
    }
  }
}
