import Datasets

/// A strip of still water, or ice, that mirrors what stands behind it.
struct Lake: Sendable {
  let shore: Float
  private let ripples: SmoothNoise

  /// - Parameter shore: y of the far shore.
  init(shore: Float, using random: inout SplitMix64) {
    self.shore = shore
    ripples = SmoothNoise(using: &random)
  }

  /// Paints from the shore to `bottom`; what stands above the shore must have been painted before.
  func paint(on canvas: inout SceneCanvas, to bottom: Float, palette: DemoPalette) {
    let mirrored = canvas
    canvas.fill(
      below: { _ in shore }, to: bottom,
      color: { x, _, depth in
        let wave = ripples.fractal(x * 7, depth * 110 + 3, octaves: 2)
        let image = mirrored.color(
          x: x + 0.012 * wave * (1 + 6 * depth), y: shore - depth * 1.15 + 0.006 * wave)
        let sheen = 1 + 0.07 * wave
        let bank = 0.25 * smoothStep(0.012, 0, depth)
        return mix(image, palette.water * sheen, palette.waterOpacity) * (1 - bank)
      })
  }
}
