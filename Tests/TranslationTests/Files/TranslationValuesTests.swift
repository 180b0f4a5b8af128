import Foundation
import Imaging
import TestSupport
import Testing
import Torch

@testable import Translation

/// Files whose values have units, through networks that know them.
struct TranslationValuesTests {
  private static let hounsfield = ValueRange(-1024, 3071)
  private static let signed = SampleType(.signed, bits: 16)

  /// Adds to a scene's weights what values they are for.
  private func describe(_ scene: TranslationScene, _ values: GeneratorValues) throws {
    try SafeTensors(scene.generator.stateDict, metadata: values.metadata).write(to: scene.weights)
  }

  private func write(_ image: Image, _ type: SampleType, _ name: String, _ scene: TranslationScene)
    throws
  {
    var file = ImageFile(image: image, format: .tiff)
    file.storeInTIFF(as: type)
    try file.write(to: scene.inputs.appendingPathComponent(name))
  }

  private func result(_ name: String, _ scene: TranslationScene) throws -> ImageFile {
    try ImageFile.read(from: scene.outputs.appendingPathComponent(name))
  }

  private func image(_ channels: Int, range: ValueRange, _ value: (Int) -> Float) -> Image {
    Image(
      height: 12, width: 16, channels: channels, samples: .float((0..<192 * channels).map(value)),
      hasAlpha: false, range: range)
  }

  /// A radiologist's task: -1 is -1024 and 1 is 3071 on both sides, and what comes out are whole numbers of 16 bits.
  @Test(arguments: [nil, 64]) func signedValuesKeepTheirUnits(tile: Int?) throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root) { ($0.inputChannels, $0.outputChannels) = (1, 1) }
      scene.settings.tile = tile
      let domain = DomainValues(range: Self.hounsfield, sampleType: Self.signed)
      try describe(scene, GeneratorValues(input: domain, output: domain))
      let input = image(1, range: Self.hounsfield) { Float($0 * 20 - 1000) }
      try write(input, Self.signed, "ct.tif", scene)
      #expect(try scene.translate() == [])
      let written = try result("ct.tif", scene)
      #expect(written.sampleType == Self.signed)
      let expected = scene.plainOutput(for: input).elements.map { value in
        ((Double(value) + 1) / 2 * 4095 - 1024).rounded()
      }
      guard case .float(let values) = written.image.samples else { return }
      let differences = zip(values, expected).map { abs(Double($0) - $1) }
      #expect(values.count == expected.count && differences.allSatisfy { $0 <= 1 })
      #expect(Set(values).count > 100)
    }
  }

  /// A ResNet that passes its input on as tanh(x): what is positive in one channel, what is negative in another. It
  /// keeps one pixel of 4x4.
  private func passingTensors() -> [(name: String, tensor: Tensor)] {
    /// Of channels that go on alone: `signs` where the taps are 1.
    func kernel(_ shape: [Int], _ taps: ClosedRange<Int>, _ signs: [(Int, Int, Float)]) -> Tensor {
      var values = [Float](repeating: 0, count: shape.reduce(1, *))
      for (first, second, sign) in signs {
        for row in taps {
          for column in taps {
            values[((first * shape[1] + second) * shape[2] + row) * shape[3] + column] = sign
          }
        }
      }
      return Tensor(values, shape: shape)
    }
    let alone: [(Int, Int, Float)] = [(0, 0, 1), (1, 1, 1)]
    return [
      ("model.1.weight", kernel([2, 1, 7, 7], 3...3, [(0, 0, 1), (1, 0, -1)])),
      ("model.4.weight", kernel([4, 2, 3, 3], 1...1, alone)),
      ("model.7.weight", kernel([8, 4, 3, 3], 1...1, alone)),
      ("model.10.conv_block.1.weight", kernel([8, 8, 3, 3], 1...1, [])),
      ("model.10.conv_block.5.weight", kernel([8, 8, 3, 3], 1...1, [])),
      // A transposed convolution of stride 2 gives 2i from tap 1 and 2i + 1 from tap 2.
      ("model.11.weight", kernel([8, 4, 3, 3], 1...2, alone)),
      ("model.14.weight", kernel([4, 2, 3, 3], 1...2, alone)),
      ("model.18.weight", kernel([1, 2, 7, 7], 3...3, [(0, 0, 1), (0, 1, -1)])),
      ("model.18.bias", Tensor([0], shape: [1])),
    ]
  }

  /// 64x64 blocks of the 4096 levels of 12 bits, in 16 bits: in steps of 16, of which the flattest part of tanh leaves
  /// 6. bfloat16 would leave 1280 of them, also where only the first and the last convolution were in float32.
  @Test(arguments: [nil, 128]) func levelsOf12BitsStayApart(tile: Int?) throws {
    try withTemporaryFolder { root in
      var scene = try TranslationScene(in: root)
      scene.settings.precision = .auto
      scene.settings.tile = tile
      try SafeTensors(passingTensors()).write(to: scene.weights)
      let words = (0..<256 * 256).map { (pixel: Int) -> UInt16 in
        let (row, column) = (pixel / 256 / 4, pixel % 256 / 4)
        return UInt16((row * 64 + column) * 16)
      }
      let image = Image(height: 256, width: 256, channels: 1, samples: .sixteenBit(words))
      try write(image, SampleType(.unsigned, bits: 16), "ramp.tif", scene)
      #expect(try scene.translate() == [])
      guard case .sixteenBit(let found) = try result("ramp.tif", scene).image.samples else {
        Issue.record("no 16 bits")
        return
      }
      #expect(Set(found).count == 4096)
      let differences = zip(words, found).map { (word: UInt16, level: UInt16) -> Double in
        let expected = tanh(Double(word) / 32767.5 - 1)
        return abs((expected + 1) * 32767.5 - Double(level))
      }
      #expect((differences.max() ?? 100) < 1)
    }
  }

  /// What is made of whole numbers is float32 where the other domain's files are.
  @Test func resultsHaveTheUnitsOfTheOtherDomain() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root) { ($0.inputChannels, $0.outputChannels) = (2, 5) }
      try describe(
        scene,
        GeneratorValues(
          input: DomainValues(range: ValueRange(0, 4095)),
          output: DomainValues(
            range: ValueRange(-1e-3, 1e-3), sampleType: SampleType(.float, bits: 64))))
      let input = Image(
        height: 12, width: 16, channels: 2, samples: .sixteenBit((0..<384).map { $0 * 10 }),
        hasAlpha: false, range: ValueRange(0, 4095))
      try write(input, SampleType(.unsigned, bits: 16), "x.tif", scene)
      #expect(try scene.translate() == [])
      let written = try result("x.tif", scene)
      #expect(written.sampleType == SampleType(.float, bits: 32))
      #expect(written.image.channels == 5 && !written.image.hasAlpha)
      let plain = scene.plainOutput(for: input).permuted([0, 2, 3, 1]).contiguous().elements
      guard case .float(let values) = written.image.samples else { return }
      expectClose(values, plain.map { $0 * 1e-3 }, tolerance: 1e-8)
    }
  }

  /// 12 bits in a PNG of 16 stay what they are.
  @Test func twelveBitsInAPNGStayThere() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root)
      let domain = DomainValues(
        range: ValueRange(0, 4095), sampleType: SampleType(.unsigned, bits: 16))
      try describe(scene, GeneratorValues(input: domain, output: domain))
      let input = Image(
        height: 12, width: 16, channels: 3, samples: .sixteenBit((0..<576).map { $0 * 7 }),
        range: ValueRange(0, 4095))
      var stored = input
      stored.range = ValueRange(0, 65535)
      try scene.write(stored, "x.png")
      #expect(try scene.translate() == [])
      guard case .sixteenBit(let values) = try scene.result("x.png").samples else {
        Issue.record("not 16 bits")
        return
      }
      let plain = scene.plainOutput(for: input).permuted([0, 2, 3, 1]).contiguous().elements
      let expected = plain.map { ((Double($0) + 1) / 2 * 4095).rounded() }
      #expect(zip(values, expected).allSatisfy { abs(Double($0) - $1) <= 1 })
      #expect(values.max()! <= 4095)
    }
  }

  @Test func whatTheNetworkDoesNotTakeIsNamed() throws {
    try withTemporaryFolder { root in
      let scene = try TranslationScene(in: root) { ($0.inputChannels, $0.outputChannels) = (5, 5) }
      try scene.write(makeImage(1, height: 12, width: 16), "a.png")
      let values = image(5, range: ValueRange(0, 1)) { Float($0) }
      try write(values, SampleType(.float, bits: 32), "b.tif", scene)
      let whole = Image(
        height: 12, width: 16, channels: 5, samples: .eightBit((0..<960).map { UInt8($0 % 251) }),
        hasAlpha: false)
      try write(whole, SampleType(.unsigned, bits: 8), "c.tif", scene)
      #expect(
        try scene.translate(format: .only(.png)).sorted() == [
          "a.png: has 3 channels; the network takes 5",
          "b.tif: its values are floats, and the weights do not say which of them are black and white",
          "c.tif: \(scene.outputs.appendingPathComponent("c.png").path): cannot be written as PNG, which has 1 "
            + "or 3 channels and not 5; a TIFF (--format tiff) has any number",
        ])
    }
  }

  /// A type has the values of a range or gives way to one that has them.
  @Test(
    arguments: [
      // The input's type, the output's range and type, and the result's type.
      ("unsigned8", nil, nil, "unsigned8"), ("unsigned12", nil, nil, "unsigned12"),
      ("unsigned16", "0..4095", "unsigned16", "unsigned16"),
      ("unsigned8", "0..4095", "unsigned12", "unsigned12"),
      ("unsigned16", "-1024..3071", "signed16", "signed16"),
      ("signed16", "0..1", "float64", "float32"), ("float16", "0..9", "unsigned8", "float16"),
      ("unsigned8", "-1..1", nil, "float32"), ("float32", nil, "unsigned8", "float32"),
    ] as [(String, String?, String?, String)])
  func theResultsTypeHasItsValues(
    own: String, range: String?, type: String?, expected: String
  ) throws {
    let ownType = try #require(SampleType(text: own))
    let values = GeneratorValues(
      output: DomainValues(
        range: range.flatMap(ValueRange.init(text:)),
        sampleType: type.flatMap(SampleType.init(text:))))
    let samples = Image.Samples.float([0])
    var file = ImageFile(
      image: Image(height: 1, width: 1, channels: 1, samples: samples), format: .tiff)
    file.storeInTIFF(as: ownType)
    let result = values.result(of: file)
    #expect(result.type.text == expected)
    if let range { #expect(result.range.text == range) }
    if own == "float32" { #expect(result.range == ValueRange(0, 255)) }
  }
}
