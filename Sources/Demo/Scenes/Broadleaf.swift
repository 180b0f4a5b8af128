import Datasets

/// A tree with a round crown in summer, of which winter leaves the trunk and the branches.
struct Broadleaf: Sendable {
  /// A bunch of leaves at a branch's end, in units of the tree's height from the foot of its trunk;
  /// y goes up.
  private struct Cluster: Sendable {
    let x: Float
    let y: Float
    let radius: Float
  }

  let x: Float
  /// y of the ground at the trunk.
  let ground: Float
  let height: Float
  private let clusters: [Cluster]
  private let sun: Float
  private let noise: SmoothNoise

  init(x: Float, ground: Float, height: Float, sun: Float, using random: inout SplitMix64) {
    self.x = x
    self.ground = ground
    self.height = height
    self.sun = sun
    var clusters = [Cluster(x: 0, y: 0.80, radius: 0.18)]
    for index in 0..<6 {
      let side: Float = index % 2 == 0 ? -1 : 1
      let y = 0.46 + 0.07 * Float(index)
      let reach = (0.30 - abs(y - 0.58) * 0.5) * random.uniform(in: 0.8...1.1)
      clusters.append(
        Cluster(x: side * reach, y: y, radius: random.uniform(in: 0.13...0.17)))
    }
    self.clusters = clusters
    noise = SmoothNoise(using: &random)
  }

  func paint(on canvas: inout SceneCanvas, palette: DemoPalette, distance: Float) {
    let box = height * 0.55
    canvas.stamp(x: x - box...x + box, y: ground - height * 1.05...ground) { pointX, pointY in
      let u = (pointX - x) / height
      let up = (ground - pointY) / height
      let crown = crown(u, up, palette)
      // A crown that one can look through shows the wood inside it.
      guard crown == nil || palette.crownOpacity < 1, let wood = wood(u, up, palette) else {
        return crown.map { (mix($0, palette.haze, distance), palette.crownOpacity) }
      }
      return (mix(wood, palette.haze, distance), 1)
    }
  }

  private func crown(_ u: Float, _ up: Float, _ palette: DemoPalette) -> SceneColor? {
    let ragged = noise.fractal(u * 16, up * 16, octaves: 2)
    var nearest: Float = 1
    var light: Float = 0
    for cluster in clusters {
      let dx = (u - cluster.x) / cluster.radius
      let dy = (up - cluster.y) / cluster.radius
      let away = (dx * dx + dy * dy).squareRoot() + 0.3 * ragged
      guard away < nearest else { continue }
      nearest = away
      light = 0.5 + 0.34 * dy + 0.26 * dx * sun + 0.35 * ragged + 0.3 * (up - 0.6)
    }
    return nearest < 1 ? palette.leaves.under(light) : nil
  }

  private func wood(_ u: Float, _ up: Float, _ palette: DemoPalette) -> SceneColor? {
    let trunkWidth = 0.035 - 0.028 * up
    if up >= 0, up < 0.82, abs(u) < trunkWidth { return palette.bark.under(0.5 + sun * u * 14) }
    for cluster in clusters.dropFirst() {
      // Every branch leaves the trunk below its leaves and forks once on its way.
      let fork = (x: cluster.x * 0.5, y: cluster.y * 0.88 - 0.02)
      if isNear(u, up, from: (0, cluster.y * 0.62), to: fork, within: 0.012)
        || isNear(u, up, from: fork, to: (cluster.x * 1.25, cluster.y + 0.05), within: 0.008)
        || isNear(u, up, from: fork, to: (cluster.x * 0.75, cluster.y + 0.14), within: 0.008)
      {
        return palette.bark.under(0.35 + 0.5 * (up - 0.5))
      }
    }
    return nil
  }

  /// Whether a point is within a distance of a line from one point to another.
  private func isNear(
    _ u: Float, _ up: Float, from start: (Float, Float), to end: (x: Float, y: Float),
    within distance: Float
  ) -> Bool {
    let along = (end.x - start.0, end.y - start.1)
    let toPoint = (u - start.0, up - start.1)
    let length = along.0 * along.0 + along.1 * along.1
    let t = clamped((toPoint.0 * along.0 + toPoint.1 * along.1) / length)
    let off = (toPoint.0 - t * along.0, toPoint.1 - t * along.1)
    return off.0 * off.0 + off.1 * off.1 < distance * distance
  }
}
