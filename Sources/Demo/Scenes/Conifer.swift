import Datasets

/// A spruce made of drooping tiers of boughs, which carry snow in winter.
struct Conifer: Sendable {
  let x: Float
  /// y of the ground at the trunk.
  let ground: Float
  let height: Float
  private let spread: Float
  private let tiers: Float
  private let lean: Float
  private let sun: Float
  private let noise: SmoothNoise

  init(x: Float, ground: Float, height: Float, sun: Float, using random: inout SplitMix64) {
    self.x = x
    self.ground = ground
    self.height = height
    self.sun = sun
    spread = height * random.uniform(in: 0.19...0.25)
    tiers = 3 + (height * 9).rounded(.down) + Float(random.next() % 2)
    lean = random.uniform(in: -0.02...0.02) * height
    noise = SmoothNoise(using: &random)
  }

  /// - Parameter distance: part of the haze between the tree and the eye, from 0 to 1.
  func paint(on canvas: inout SceneCanvas, palette: DemoPalette, distance: Float) {
    let box = spread * 1.25
    canvas.stamp(x: x - box...x + box, y: ground - height...ground) { pointX, pointY in
      let v = (pointY - (ground - height)) / height
      let u = (pointX - x - lean * (1 - v)) / spread
      guard let color = foliage(u, v, palette) ?? trunk(u, v, palette) else { return nil }
      return (mix(color, palette.haze, distance), 1)
    }
  }

  /// The boughs' color at `u` (-1 to 1 across the widest tier) and `v` (0 at the tip, 1 at the
  /// ground).
  private func foliage(_ u: Float, _ v: Float, _ palette: DemoPalette) -> SceneColor? {
    let side = abs(u)
    // Boughs hang: a bough's end is lower than its root.
    let droop = v - 0.10 * side
    guard v >= 0, droop >= -0.02, v < 0.97 else { return nil }
    let place = max(0, droop) / 0.93 * tiers
    let tier = place.rounded(.down)
    let phase = place - tier
    guard tier < tiers else { return nil }
    let ragged = noise.value(tier * 5.3 + (u < 0 ? 40 : 0), place * 5)
    let reach = 0.03 + (tier + 0.35 + 0.65 * phase) / tiers * (0.90 + 0.16 * ragged)
    guard side < reach else { return nil }
    let needles = noise.value(u * 7 + 11, place * 4)
    // Under the next tier's edge it is dark; the ends of the boughs catch the light.
    let open = smoothStep(0.05, 0.75, phase + 0.18 * needles)
    let light = 0.10 + 0.52 * open + 0.34 * sun * u / max(reach, 0.2) + 0.14 * needles
    let green = palette.needles.under(light)
    let rest = smoothStep(0.0, 0.75, phase + 0.15 * needles + 0.45 * sun * u)
    return mix(green, palette.snow.under(0.1 + light * 0.85), rest * palette.snowCover * 0.75)
  }

  private func trunk(_ u: Float, _ v: Float, _ palette: DemoPalette) -> SceneColor? {
    guard v > 0.85, v <= 1, abs(u) < 0.11 else { return nil }
    return palette.bark.under(0.4 + 4 * sun * u)
  }
}
