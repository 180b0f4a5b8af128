import Testing

@testable import Imaging

@Suite struct ResamplingTests {
  /// A target pixel of 300 sees 4 * 1,000,000 / 300 = 13,333 source pixels, up to two more: 78 of them
  /// have 2^20 weights, and all 300 have 4 million.
  @Test func weightsAreHeldInParts() {
    let plan = Resampling(sourceCount: 1_000_000, targetCount: 300, filter: .bicubic)
    #expect(plan.parts == [0..<78, 78..<156, 156..<234, 234..<300])
    for part in plan.parts {
      #expect(plan.weights(of: part).values.count <= Resampling.weightsAtOnce)
    }
    let usual = Resampling(sourceCount: 4000, targetCount: 286, filter: .bicubic)
    #expect(usual.parts == [0..<286])
  }

  /// The kernel of one target pixel never has more weights than there are pixels.
  @Test func onePixelOfMillionsSeesEachOnce() {
    let plan = Resampling(sourceCount: 3_000_000, targetCount: 1, filter: .bicubic)
    let weights = plan.weights(of: 0..<1)
    #expect(weights.counts == [3_000_000] && weights.values.count == 3_000_000)
  }

  @Test func partsHaveTheWeightsOfTheWhole() {
    let plan = Resampling(sourceCount: 45, targetCount: 17, filter: .bicubic)
    let whole = plan.weights(of: 0..<17)
    let part = plan.weights(of: 5..<9)
    #expect(part.starts == Array(whole.starts[5..<9]))
    #expect(part.counts == Array(whole.counts[5..<9]))
    #expect(part.values == Array(whole.values[5 * whole.taps..<9 * whole.taps]))
  }

  /// 1,000,000 pixels are resized to 300 in four parts. Level 10 on the first half and 200 on the second
  /// stay so away from the middle, whichever part they are in, in rows and columns and both depths.
  @Test(arguments: [1, 3], [8, 16]) func partsAreJoinedInTheirPlaces(channels: Int, bitDepth: Int) {
    let pixels = (0..<1_000_000 * channels).map { UInt8($0 < 500_000 * channels ? 10 : 200) }
    let row = Image(height: 1, width: 1_000_000, channels: channels, pixels: pixels)
      .withBitDepth(bitDepth)
    let column = Image(height: 1_000_000, width: 1, channels: channels, pixels: pixels)
      .withBitDepth(bitDepth)
    let small = row.resized(height: 1, width: 300)
    #expect(column.resized(height: 300, width: 1).samples == small.samples)
    let expected = Image(
      height: 1, width: 140, channels: channels,
      pixels: [UInt8](repeating: 10, count: 140 * channels)
    ).withBitDepth(bitDepth)
    #expect(small.cropped(top: 0, left: 0, height: 1, width: 140) == expected)
    let bright = Image(
      height: 1, width: 140, channels: channels,
      pixels: [UInt8](repeating: 200, count: 140 * channels)
    ).withBitDepth(bitDepth)
    #expect(small.cropped(top: 0, left: 160, height: 1, width: 140) == bright)
  }
}
