import Datasets

/// A gradient with a layer of clouds seen in perspective.
struct Sky: Sendable {
  private let noise: SmoothNoise
  private let cover: Float
  private let drift: Float

  init(using random: inout SplitMix64) {
    noise = SmoothNoise(using: &random)
    cover = random.uniform(in: -0.12...0.12)
    drift = random.uniform(in: 0...40)
  }

  /// Paints all rows from the top down to `horizon`.
  func paint(on canvas: inout SceneCanvas, horizon: Float, palette: DemoPalette) {
    canvas.fill(
      below: { _ in 0 }, to: horizon,
      color: { x, y, _ in
        let height = clamped(1 - y / horizon)
        let air = mix(palette.skyHorizon, palette.skyTop, height * (1.6 - 0.6 * height))
        let thickness = density(x, y, horizon, octaves: 4)
        // Light comes from above: a place is bright where there is less cloud over it.
        let light = 0.74 + 1.1 * (thickness - density(x, y - 0.04, horizon, octaves: 2))
        let veil = smoothStep(0, 0.55, thickness)
        let color = palette.cloud.under(light)
        return mix(air, color, veil * (0.30 + 0.65 * smoothStep(0, 0.55, height)))
      })
  }

  /// How much cloud stands at a place; above 0 it can be seen.
  private func density(_ x: Float, _ y: Float, _ horizon: Float, octaves: Int) -> Float {
    let distance = 1 / (0.30 + 1.1 * (horizon - y))
    let (across, away) = ((x - 0.5) * 3.4 * distance + drift, 5.5 * distance)
    return noise.fractal(across, away, octaves: octaves) * 1.6 + cover
  }
}
