import Datasets

/// A trodden path that winds from the bottom of the image up to the crest of the meadow.
struct Path: Sendable {
  private let foot: Float
  private let head: Float
  private let bend: Float
  private let noise: SmoothNoise

  init(using random: inout SplitMix64) {
    foot = random.uniform(in: 0.3...0.7)
    head = random.uniform(in: 0.3...0.7)
    bend = random.uniform(in: 0.06...0.16) * (random.next() & 1 == 0 ? 1 : -1)
    noise = SmoothNoise(using: &random)
  }

  func paint(on canvas: inout SceneCanvas, over meadow: Hill, palette: DemoPalette) {
    for column in 0..<canvas.width {
      let x = canvas.x(column)
      let crest = meadow.crest(x)
      for row in 0..<canvas.height {
        let y = canvas.y(row)
        guard y > crest else { continue }
        let nearness = clamped((y - crest) / (1 - crest))
        let halfWidth = 0.005 + 0.04 * nearness * nearness
        let step: Float = 0.02
        let run = (center(nearness + step) - center(nearness - step)) / (2 * step * (1 - crest))
        // Distance across the path; along the row it is longer where the path runs sideways.
        let distance = abs(x - center(nearness)) / (1 + run * run).squareRoot()
        let away = distance - halfWidth * (1 + 0.25 * noise.value(x * 9, y * 30))
        let covered = clamped(0.5 - away * Float(canvas.width) * 0.6)
        guard covered > 0 else { continue }
        let worn = 0.94 + 0.1 * noise.fractal(x * 16, y * 40, octaves: 2)
        canvas.blend(palette.path * worn, coverage: covered * 0.85, row: row, column: column)
      }
    }
  }

  /// x of the path's middle; `nearness` runs from 0 at the crest to 1 at the bottom. One S between
  /// them.
  private func center(_ nearness: Float) -> Float {
    let t = smoothStep(0, 1, nearness)
    let swing = t * (1 - t) * (1 - 2 * t) * 10.4
    return mix(head, foot, t) + bend * swing
  }
}
