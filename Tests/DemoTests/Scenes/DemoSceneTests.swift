import Imaging
import Testing

@testable import Demo

@Suite struct DemoSceneTests {
  @Test(arguments: Season.allCases)
  func sameSeedDrawsTheSameImage(_ season: Season) {
    let first = DemoScene(seed: 7).drawn(in: season, height: 48, width: 48)
    let second = DemoScene(seed: 7).drawn(in: season, height: 48, width: 48)
    #expect(first == second)
  }

  @Test(arguments: Season.allCases)
  func everySeedDrawsAnotherImage(_ season: Season) {
    let images = (0..<10).map {
      samples(DemoScene(seed: $0).drawn(in: season, height: 32, width: 32))
    }
    #expect(Set(images).count == 10)
  }

  @Test func imagesHaveTheSizeAskedFor() {
    let image = DemoScene(seed: 1).drawn(in: .winter, height: 20, width: 35)
    #expect(image.height == 20)
    #expect(image.width == 35)
    #expect(image.channels == 3)
    #expect(samples(image).count == 20 * 35 * 3)
    #expect(samples(DemoScene(seed: 1).drawn(in: .summer, height: 1, width: 1)).count == 3)
  }

  /// Seasons change colors, not places: where one image has an edge, so has the other. The
  /// outlines of two different scenes have no more in common than that both lie in the lower part.
  @Test func bothSeasonsShareTheirOutlines() {
    let seeds: [UInt64] = [0, 1, 2, 3, 4, 5]
    let summers = seeds.map { edges(DemoScene(seed: $0).drawn(in: .summer, height: 96, width: 96)) }
    let winters = seeds.map { edges(DemoScene(seed: $0).drawn(in: .winter, height: 96, width: 96)) }
    for index in seeds.indices {
      let own = correlation(summers[index], winters[index])
      let other = correlation(summers[index], winters[(index + 1) % seeds.count])
      #expect(own > 0.4, "scene \(seeds[index])")
      #expect(other < 0.2, "scene \(seeds[index])")
    }
  }

  /// Winter's palette is nearly gray: no color in it has channels more than 0.22 apart (snow in
  /// shadow: 0.58 red, 0.80 blue), mixtures of them have no more, and ripples and wear scale by at
  /// most 1.1. So no pixel passes 0.25 * 255 = 64 levels.
  @Test(arguments: 0..<6 as Range<UInt64>)
  func winterIsGray(_ seed: UInt64) {
    let image = samples(DemoScene(seed: seed).drawn(in: .winter, height: 64, width: 64))
    let widest = stride(from: 0, to: image.count, by: 3).map { spread(image[$0..<$0 + 3]) }
      .max()!
    #expect(widest <= 64)
  }

  /// Summer's meadow has at least 0.13 more green than red and 0.21 more green than blue. Path,
  /// bark and needles cover less than half of the ground and have at least 0.10 less green than red
  /// (the path), so a mean over the lowest fifth keeps some green: (0.13 - 0.10) / 2 of 255 levels
  /// is 4.
  @Test(arguments: 0..<6 as Range<UInt64>)
  func summerIsGreenBelowAndBlueAbove(_ seed: UInt64) {
    let image = samples(DemoScene(seed: seed).drawn(in: .summer, height: 60, width: 60))
    let ground = mean(image.suffix(12 * 60 * 3))
    #expect(ground.green > ground.red + 4)
    #expect(ground.green > ground.blue + 4)
    // The darkest blue of the sky's fifth is far from gray, whatever the clouds do to the rest.
    let sky = mean(image.prefix(12 * 60 * 3))
    #expect(sky.blue > sky.red + 20)
  }

  @Test func winterIsTheBrighterSeason() {
    for seed in 0..<6 as Range<UInt64> {
      let scene = DemoScene(seed: seed)
      let summer = mean(samples(scene.drawn(in: .summer, height: 48, width: 48))[...])
      let winter = mean(samples(scene.drawn(in: .winter, height: 48, width: 48))[...])
      #expect(winter.red > summer.red + 30, "scene \(seed)")
      #expect(winter.green > summer.green + 15, "scene \(seed)")
    }
  }

  /// The noise belongs to the scene and not to the pixels: a large image made smaller by
  /// averaging blocks of 2 x 2 shows what a small one shows, but for the softness of edges.
  @Test(arguments: Season.allCases)
  func aSceneLooksTheSameAtEverySize(_ season: Season) {
    let large = samples(DemoScene(seed: 3).drawn(in: season, height: 128, width: 128))
    let small = samples(DemoScene(seed: 3).drawn(in: season, height: 64, width: 64))
    var difference = 0
    for row in 0..<64 {
      for place in 0..<64 * 3 {
        let (column, channel) = (place / 3, place % 3)
        let corner = (2 * row * 128 + 2 * column) * 3 + channel
        let block = [corner, corner + 3, corner + 128 * 3, corner + 128 * 3 + 3]
        let average = block.reduce(2) { $0 + Int(large[$1]) } / 4
        difference += abs(average - Int(small[row * 64 * 3 + place]))
      }
    }
    #expect(Double(difference) / Double(64 * 64 * 3) < 4)
  }
}

private func samples(_ image: Image) -> [UInt8] {
  guard case .eightBit(let pixels) = image.samples else { return [] }
  return pixels
}

private func spread(_ pixel: ArraySlice<UInt8>) -> Int {
  Int(pixel.max()!) - Int(pixel.min()!)
}

private func mean(_ pixels: ArraySlice<UInt8>) -> (red: Double, green: Double, blue: Double) {
  var sums = [0.0, 0.0, 0.0]
  for (place, value) in pixels.enumerated() { sums[place % 3] += Double(value) }
  let count = Double(pixels.count / 3)
  return (sums[0] / count, sums[1] / count, sums[2] / count)
}

/// How much the gray value changes to the right and downwards at each pixel.
private func edges(_ image: Image) -> [Double] {
  let pixels = samples(image)
  let gray: [Double] = stride(from: 0, to: pixels.count, by: 3).map { corner in
    let sum = pixels[corner..<corner + 3].reduce(0) { $0 + Int($1) }
    return Double(sum) / 3
  }
  return gray.indices.map { place in
    let right = place % image.width < image.width - 1 ? abs(gray[place + 1] - gray[place]) : 0
    let down = place + image.width < gray.count ? abs(gray[place + image.width] - gray[place]) : 0
    return right + down
  }
}

/// Pearson's correlation of two lists of one length: 1 for lists that rise and fall together, 0 for
/// strangers.
private func correlation(_ first: [Double], _ second: [Double]) -> Double {
  let count = Double(first.count)
  let (firstMean, secondMean) = (first.reduce(0, +) / count, second.reduce(0, +) / count)
  var (both, own, other) = (0.0, 0.0, 0.0)
  for (a, b) in zip(first, second) {
    both += (a - firstMean) * (b - secondMean)
    own += (a - firstMean) * (a - firstMean)
    other += (b - secondMean) * (b - secondMean)
  }
  return both / (own * other).squareRoot()
}
