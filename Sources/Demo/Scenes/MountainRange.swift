import Datasets

/// Peaks of rock with a snow line, lit from one side, fading into haze at their foot.
struct MountainRange: Sendable {
  private struct Peak: Sendable {
    let x: Float
    let height: Float
    let halfWidth: Float
  }

  private let peaks: [Peak]
  private let foot: Float
  private let sun: Float
  private let haze: Float
  private let snowLine: Float
  private let crags: SmoothNoise
  private let outline: SmoothNoise

  /// - Parameters:
  ///   - foot: y of the line where the range meets the hills.
  ///   - tallest: heights of the highest peak.
  ///   - haze: how far away it is, from 0 to 1.
  ///   - sun: -1 for light from the left, 1 from the right.
  init(
    foot: Float, tallest: ClosedRange<Float>, haze: Float, sun: Float,
    using random: inout SplitMix64
  ) {
    self.foot = foot
    self.haze = haze
    self.sun = sun
    let height = random.uniform(in: tallest)
    let count = 3 + Int(random.next() % 3)
    let summit = random.uniform(in: 0.2...0.8)
    var peaks = [Peak(x: summit, height: height, halfWidth: height * random.uniform(in: 1.0...1.4))]
    for index in 0..<count {
      let lower = height * random.uniform(in: 0.45...0.85)
      let place = (Float(index) + random.uniform(in: 0...1)) / Float(count)
      peaks.append(
        Peak(x: place * 1.2 - 0.1, height: lower, halfWidth: lower * random.uniform(in: 1.1...1.7)))
    }
    self.peaks = peaks
    snowLine = foot - height * random.uniform(in: 0.42...0.52)
    crags = SmoothNoise(using: &random)
    outline = SmoothNoise(using: &random)
  }

  func paint(on canvas: inout SceneCanvas, palette: DemoPalette) {
    canvas.fill(
      below: crest, to: foot + 0.06, color: { x, y, depth in color(x, y, depth, palette) })
  }

  /// y of the range's outline.
  private func crest(_ x: Float) -> Float {
    let detail = outline.fractal(x * 11, 0.5, octaves: 3)
    return foot - 0.05 - bulk(x) * (1 + 0.16 * detail) - 0.012 * detail
  }

  /// Height of the highest peak over x, without detail.
  private func bulk(_ x: Float) -> Float {
    var highest: Float = 0
    for peak in peaks {
      let away = abs(x - peak.x) / peak.halfWidth
      guard away < 1 else { continue }
      let rise = 1 - away
      highest = max(highest, peak.height * rise * (0.7 + 0.3 * rise))
    }
    return highest
  }

  private func color(_ x: Float, _ y: Float, _ depth: Float, _ palette: DemoPalette) -> SceneColor {
    let step: Float = 0.012
    // The ridge that parts the lit face from the dark one wanders as it comes down.
    let wander = x + (0.02 + 0.5 * depth) * 0.35 * crags.fractal(x * 5 + 31, y * 9, octaves: 2)
    let face = (bulk(wander - step) - bulk(wander + step)) / (2 * step)
    let relief = crag(x - step, y) - crag(x + step, y)
    let light = 0.5 - sun * (0.38 * face + 1.5 * relief)
    let roughness = crags.fractal(x * 20 + 7, y * 15, octaves: 3)
    // Steep faces in the shade stay bare, above the snow line and in winter.
    let bare = smoothStep(0.05, 0.55, 0.8 * roughness + 1.1 * (0.40 - light))
    let highSnow = smoothStep(-0.3, 0.3, (snowLine - y) * 10 + 0.9 * roughness + 1.6 * relief)
    let wood = smoothStep(-0.1, 0.1, y - (foot - 0.065) + 0.03 * roughness)
    let snow = max(highSnow, palette.snowCover) * (1 - 0.65 * bare)
    let stone = palette.rock.under(light - 0.3 * bare)
    let dressed = mix(stone, palette.snow.under(light), snow)
    let surface = mix(dressed, palette.mountainFoot.under(light), wood)
    let low = smoothStep(0.16, 0, foot - y)
    return mix(surface, palette.haze, clamped(haze + 0.45 * low))
  }

  /// Height of the small crags at a place; its slope along x decides which way the rock faces.
  private func crag(_ x: Float, _ y: Float) -> Float {
    crags.fractal(x * 8 + y * 3, y * 5, octaves: 3)
  }
}
