import Datasets

/// A rolling band of ground that reaches from its crest to the bottom of the image.
struct Hill: Sendable {
  private let level: Float
  private let swell: Float
  private let tilt: Float
  private let waves: Float
  private let sun: Float
  private let noise: SmoothNoise
  private let origin: Float

  /// - Parameters:
  ///   - level: y of the crest on average.
  ///   - swell: how far the crest rises and falls.
  ///   - waves: how many swells fit into the image.
  ///   - sun: -1 for light from the left, 1 from the right.
  init(level: Float, swell: Float, waves: Float, sun: Float, using random: inout SplitMix64) {
    self.level = level
    self.swell = swell
    self.waves = waves
    self.sun = sun
    tilt = random.uniform(in: -1...1) * swell
    origin = random.uniform(in: 0...20)
    noise = SmoothNoise(using: &random)
  }

  /// y of the hill's outline.
  func crest(_ x: Float) -> Float {
    level + tilt * (x - 0.5) + swell * noise.fractal(x * waves + origin, 0.5, octaves: 2)
  }

  func paint(
    on canvas: inout SceneCanvas, to bottom: Float = 1, ground: Shade, haze: SceneColor,
    distance: Float
  ) {
    canvas.fill(
      below: crest, to: bottom,
      color: { x, _, depth in mix(ground.under(light(x, depth)), haze, distance) })
  }

  /// Brightness of the ground, from 0 to 1: lit crests, folds, and patches that lie flatter when
  /// farther away.
  private func light(_ x: Float, _ depth: Float) -> Float {
    let step: Float = 0.02
    let bent = x + 0.6 * depth
    let slope = (crest(bent + step) - crest(bent - step)) / (2 * step)
    let nearness = 1 / (0.25 + 2 * depth)
    let patches = noise.fractal(x * 3 * (0.5 + nearness) + 50, depth * 22 + 50, octaves: 3)
    return 0.80 - 0.9 * clamped(depth * 1.4) + 0.55 * slope * sun + 0.32 * patches
  }
}
