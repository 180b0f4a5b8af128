import Datasets
import Foundation
import Imaging
import TestSupport
import Testing
import Torch
import Training

@testable import Translation

/// Runs on files of many channels, and of more than 8 bits.
struct RunValuesTests {
  /// Three TIFF files of 20x20 pixels on each side.
  private func makeRun(
    in root: URL, channels: (a: Int, b: Int) = (5, 5), depth: Int = 32
  ) throws -> TinyRun {
    for (folder, channels) in [("trainA", channels.a), ("trainB", channels.b)] {
      let url = root.appendingPathComponent(folder)
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      for number in 0..<3 {
        let values = (0..<20 * 20 * channels).map { Float(($0 * (7 + number)) % 4096) - 1024 }
        let samples: Image.Samples =
          depth == 32 ? .float(values) : .sixteenBit(values.map { UInt16($0 + 1024) })
        let image = Image(
          height: 20, width: 20, channels: channels, samples: samples, hasAlpha: false)
        try ImageFile(image: image, format: .tiff).write(
          to: url.appendingPathComponent("\(number).tif"))
      }
    }
    var run = try TinyRun(in: root)
    run.configuration.schedule.sampleEvery = 1
    return run
  }

  /// Everything open that can be.
  private func makeRequest(_ run: TinyRun) -> CycleGANRequest {
    var request = CycleGANRequest(run.configuration)
    (request.channelsA, request.channelsB) = (nil, nil)
    return request
  }

  @discardableResult
  private func train(
    _ request: CycleGANRequest, _ run: TinyRun, steps: Int = 1,
    report: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> CycleGANConfiguration {
    _ = try CycleGANRun.carryOut(
      request, settings: run.settings, resuming: false, stoppingAfter: steps, report: report)
    return try CycleGANConfiguration.read(from: run.folder.configuration)
  }

  @Test func channelsAndTypesAreWhatTheFilesHave() throws {
    try withTemporaryFolder { root in
      let run = try makeRun(in: root)
      var request = makeRequest(run)
      request.rangeA = .values(ValueRange(-1024, 3071))
      request.rangeB = .percentiles(low: 0, high: 100)
      var isBFloat16: Bool?
      request.configuration.optimization.precision = .auto
      let stored = try train(request, run) {
        if case .started(_, _, let uses) = $0 { isBFloat16 = uses }
      }
      #expect(isBFloat16 == false, "floats are computed in float32")
      #expect(stored.networks.channelsA == 5 && stored.networks.channelsB == 5)
      #expect(stored.data.rangeA == ValueRange(-1024, 3071))
      // All of 0 to 4095 need not occur: the percentiles are the least and the greatest value there is.
      let range = try #require(stored.data.rangeB)
      #expect(range.low == -1024 && (3000...3071).contains(range.high))
      #expect(stored.data.samplesA == SampleType(.float, bits: 32))
      // What translates reads it from the weights.
      let weights = try SafeTensors.list(
        run.folder.latest.appendingPathComponent("net_G_A.safetensors"))
      let values = GeneratorValues(metadata: weights.metadata)
      #expect(
        values.input == DomainValues(range: stored.data.rangeA, sampleType: stored.data.samplesA))
      #expect(values.output == DomainValues(range: range, sampleType: stored.data.samplesB))
      // A resumed run goes on with them.
      _ = try CycleGANRun.carryOut(
        CycleGANRequest(stored), settings: run.settings, resuming: true, stoppingAfter: 1,
        report: { _ in })
      #expect(try CycleGANConfiguration.read(from: run.folder.configuration).data == stored.data)
    }
  }

  /// As many channels as there can be: a step, and a translation by what came of it.
  @Test func sixtyFourChannelsOfFloatsAreLearnedAndTranslated() throws {
    try withTemporaryFolder { root in
      let run = try makeRun(in: root, channels: (64, 64))
      var request = makeRequest(run)
      request.rangeA = .values(ValueRange(-1024, 3071))
      request.rangeB = .values(ValueRange(0, 1))
      #expect(try train(request, run).networks.channelsA == 64)
      let model = try TranslationModel(at: run.folder.url, direction: .aToB)
      let (input, output) = (
        root.appendingPathComponent("trainA"), root.appendingPathComponent("out")
      )
      let jobs = try TranslationPlan([input], output: output, format: .same).jobs
      var failures: [String] = []
      Translator(model, settings: TranslationSettings()).translate(jobs) {
        if case .failed(_, let reason) = $0 { failures.append(reason) }
      }
      #expect(failures == [])
      let result = try ImageFile.read(from: output.appendingPathComponent("0.tif"))
      #expect(result.image.colors == 64 && result.sampleType == SampleType(.float, bits: 32))
      guard case .float(let values) = result.image.samples else { return }
      // In the units of B.
      #expect(values.allSatisfy { (0...1).contains($0) } && Set(values).count > 1000)
    }
  }

  @Test func floatsNeedARange() throws {
    try withTemporaryFolder { root in
      let run = try makeRun(in: root)
      let error = #expect(throws: DomainError.self) { try train(makeRequest(run), run) }
      guard case .rangeIsMissing(_, .a, 3, -1024, let high)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(high <= 3071)
      #expect(
        error?.description
          == "\(run.configuration.data.folderA): 3 files with floats from -1024..\(Int(high)); nobody has said "
          + "which values are black and white")
    }
  }

  @Test func otherNumbersOfChannelsInAAndBNeedNoIdentityLoss() throws {
    try withTemporaryFolder { root in
      let run = try makeRun(in: root, channels: (5, 2), depth: 16)
      #expect(throws: DomainError.identityNeedsOneCount(a: 5, b: 2)) {
        try train(makeRequest(run), run)
      }
      var request = makeRequest(run)
      request.configuration.losses.identityWeight = 0
      let stored = try train(request, run)
      #expect(stored.networks.channelsA == 5 && stored.networks.channelsB == 2)
      #expect(stored.data.rangeA == nil)
    }
  }

  @Test func channelsThatDifferAreCounted() throws {
    try withTemporaryFolder { root in
      let run = try makeRun(in: root, depth: 16)
      let a = root.appendingPathComponent("trainA")
      try ImageFile(image: makeImage(1, height: 20, width: 20), format: .png)
        .write(to: a.appendingPathComponent("color.png"))
      #expect(
        throws: DomainError.severalChannels(
          folder: a.path, side: .a, words: "3 files have 5 channels, 1 has 3")
      ) { try train(makeRequest(run), run) }
    }
  }

  /// Gray beside color is color; a folder of gray images beside one of color too, for the identity loss.
  @Test func grayAndColorAreTakenTogether() throws {
    try withTemporaryFolder { root in
      let a = root.appendingPathComponent("trainA")
      try writeImages(3, to: a, height: 20, width: 20, channels: 1)
      try writeImages(3, to: root.appendingPathComponent("trainB"), height: 20, width: 20)
      var run = try TinyRun(in: root)
      var notices: [String] = []
      let stored = try train(makeRequest(run), run) {
        if case .notice(let text) = $0 { notices.append(text) }
      }
      #expect(stored.networks.channelsA == 3 && stored.networks.channelsB == 3)
      #expect(notices.contains("gray images are taken as color, which the identity loss needs"))
      run = try TinyRun(in: root, name: "gray")
      run.configuration.losses.identityWeight = 0
      #expect(try train(makeRequest(run), run).networks.channelsA == 1)
      try ImageFile(image: makeImage(1, height: 20, width: 20), format: .png)
        .write(to: a.appendingPathComponent("color.png"))
      run.settings.folder = RunFolder(root.appendingPathComponent("both"))
      notices = []
      #expect(
        try train(makeRequest(run), run) {
          if case .notice(let text) = $0 { notices.append(text) }
        }.networks.channelsA == 3)
      #expect(
        notices.contains("\(a.path): 3 files have 1 channel, 1 has 3; all are taken as color"))
    }
  }

  /// Five channels are tiles of 3 in a row, with a line of a pixel around each, or three of them.
  @Test func sheetsShowChannels() {
    let image = Image(
      height: 2, width: 2, channels: 5, samples: .eightBit((0..<20).map { UInt8($0) }),
      hasAlpha: false)
    let sheet = SampleSheet(a: [], b: [], shownChannels: nil).shown(image)
    #expect(sheet.height == 7 && sheet.width == 10 && sheet.channels == 3)
    // The second tile's first pixel is the image's second sample.
    let tile = sheet.cropped(top: 1, left: 4, height: 1, width: 1)
    #expect(tile.samples == .eightBit([1, 1, 1]))
    let chosen = SampleSheet(a: [], b: [], shownChannels: [4, 3, 2]).shown(image)
    #expect(chosen.samples == .eightBit([3, 2, 1, 8, 7, 6, 13, 12, 11, 18, 17, 16]))
  }

  @Test func aChannelThatIsNotThereCannotBeShown() throws {
    try withTemporaryFolder { root in
      let run = try makeRun(in: root, depth: 16)
      var request = makeRequest(run)
      request.configuration.data.shownChannels = [6, 1, 1]
      #expect(
        throws: DomainError.shownChannelIsMissing(
          6, folder: run.configuration.data.folderA, channels: 5)
      ) { try train(request, run) }
    }
  }
}
