import Datasets
import Imaging

/// One landscape of the demo: sky, mountains, hills, perhaps a lake or a path, and trees.
///
/// The seed alone decides where everything is. A season only chooses colors, snow and leaves, so
/// that the two images of one scene agree pixel by pixel, and what one season shows can be told
/// from the other.
package struct DemoScene: Sendable {
  private enum Tree: Sendable {
    case conifer(Conifer)
    case broadleaf(Broadleaf)

    var ground: Float {
      switch self {
      case .conifer(let tree): tree.ground
      case .broadleaf(let tree): tree.ground
      }
    }
  }

  private let sun: Float
  /// y of the line down to which sky can be seen.
  private let horizon: Float
  private let sky: Sky
  private let farMountains: MountainRange
  private let mountains: MountainRange
  private let farHill: Hill
  private let farWood: [Conifer]
  private let lake: Lake?
  private let middleHill: Hill
  private let middleWood: [Conifer]
  private let meadow: Hill
  private let path: Path?
  private let trees: [Tree]

  /// Decides the geometry; equal seeds give equal scenes.
  package init(seed: UInt64) {
    var random = SplitMix64(mixing: seed)
    let sun: Float = random.next() & 1 == 0 ? -1 : 1
    self.sun = sun
    sky = Sky(using: &random)
    let foot = random.uniform(in: 0.47...0.58)
    horizon = foot + 0.02
    farMountains = MountainRange(
      foot: foot, tallest: 0.22...0.30, haze: 0.55, sun: sun, using: &random)
    mountains = MountainRange(
      foot: foot + 0.02, tallest: 0.26...0.40, haze: 0.22, sun: sun, using: &random)
    farHill = Hill(level: foot + 0.005, swell: 0.035, waves: 2.2, sun: sun, using: &random)
    farWood = Self.wood(
      on: farHill, depth: 0.0...0.07, heights: 0.035...0.06, count: 30, sun: sun, using: &random)
    let hasLake = random.next() % 5 < 3
    let shore = foot + 0.08
    let water = Lake(shore: shore, using: &random)
    lake = hasLake ? water : nil
    middleHill = Hill(
      level: shore + (hasLake ? 0.10 : 0.02), swell: 0.05, waves: 1.6, sun: sun, using: &random)
    middleWood = Self.wood(
      on: middleHill, depth: 0.0...0.08, heights: 0.07...0.12, count: 14, sun: sun, using: &random)
    meadow = Hill(
      level: foot + random.uniform(in: 0.24...0.30), swell: 0.05, waves: 1.2, sun: sun,
      using: &random)
    let way = Path(using: &random)
    path = random.next() & 1 == 0 ? way : nil
    trees = Self.foreground(on: meadow, sun: sun, using: &random)
  }

  /// Draws the scene in one season: an RGB image of 8 bits, the same bytes on every platform.
  ///
  /// The image always shows the whole scene, stretched where the sides differ. Traps if a side is
  /// not positive.
  package func drawn(in season: Season, height: Int = 128, width: Int = 128) -> Image {
    precondition(height > 0 && width > 0, "an image of \(height) x \(width) has no pixels")
    let palette = DemoPalette.of(season)
    var canvas = SceneCanvas(height: height, width: width)
    sky.paint(on: &canvas, horizon: horizon, palette: palette)
    farMountains.paint(on: &canvas, palette: palette)
    mountains.paint(on: &canvas, palette: palette)
    farHill.paint(
      on: &canvas, to: lake?.shore ?? 0.85, ground: palette.farHill, haze: palette.haze,
      distance: 0.25)
    for tree in farWood { tree.paint(on: &canvas, palette: palette, distance: 0.5) }
    lake?.paint(on: &canvas, to: 0.95, palette: palette)
    middleHill.paint(
      on: &canvas, ground: palette.middleHill, haze: palette.haze, distance: 0.08)
    for tree in middleWood { tree.paint(on: &canvas, palette: palette, distance: 0.28) }
    meadow.paint(on: &canvas, ground: palette.meadow, haze: palette.haze, distance: 0)
    path?.paint(on: &canvas, over: meadow, palette: palette)
    for tree in trees { castShadow(of: tree, on: &canvas, palette: palette) }
    for tree in trees {
      switch tree {
      case .conifer(let tree): tree.paint(on: &canvas, palette: palette, distance: 0)
      case .broadleaf(let tree): tree.paint(on: &canvas, palette: palette, distance: 0)
      }
    }
    return canvas.image()
  }

  /// A soft ellipse on the ground, away from the light.
  private func castShadow(of tree: Tree, on canvas: inout SceneCanvas, palette: DemoPalette) {
    let (x, ground, height) =
      switch tree {
      case .conifer(let tree): (tree.x, tree.ground, tree.height)
      case .broadleaf(let tree): (tree.x, tree.ground, tree.height)
      }
    let length = height * 0.42
    let thickness = height * 0.055
    let center = x - sun * length * 0.55
    canvas.shade(
      x: center - length...center + length, y: ground - thickness...ground + thickness,
      color: palette.meadow.dark * 0.85
    ) { pointX, pointY in
      let dx = (pointX - center) / length
      let dy = (pointY - ground) / thickness
      return 0.8 * smoothStep(1, 0.35, dx * dx + dy * dy)
    }
  }

  /// Small conifers in groups along a hill's crest, the far ones first.
  private static func wood(
    on hill: Hill, depth: ClosedRange<Float>, heights: ClosedRange<Float>, count: Int, sun: Float,
    using random: inout SplitMix64
  ) -> [Conifer] {
    let groves = SmoothNoise(using: &random)
    var trees: [Conifer] = []
    for _ in 0..<count {
      let x = random.uniform(in: -0.03...1.03)
      let down = random.uniform(in: depth)
      let height = random.uniform(in: heights)
      guard groves.value(x * 4 + 5, 0.5) > -0.15 else { continue }
      trees.append(
        Conifer(
          x: x, ground: hill.crest(x) + down + 0.01, height: height * (0.85 + 3 * down), sun: sun,
          using: &random))
    }
    return trees.sorted { $0.ground < $1.ground }
  }

  /// Large trees that frame the view and leave its middle open, the far ones first.
  private static func foreground(
    on meadow: Hill, sun: Float, using random: inout SplitMix64
  ) -> [Tree] {
    var trees: [Tree] = []
    let count = 4 + Int(random.next() % 3)
    for index in 0..<count {
      let side = random.uniform(in: 0...0.36)
      let x = index % 2 == 0 ? side - 0.04 : 1.04 - side
      let near = random.uniform(in: 0...0.16)
      let ground = min(meadow.crest(x) + 0.015 + near, 1.02)
      let height = random.uniform(in: 0.17...0.26) * (1 + 3.4 * near) * (1.25 - 1.2 * side)
      if random.next() % 8 == 0 {
        trees.append(
          .broadleaf(Broadleaf(x: x, ground: ground, height: height, sun: sun, using: &random)))
      } else {
        trees.append(
          .conifer(Conifer(x: x, ground: ground, height: height, sun: sun, using: &random)))
      }
    }
    return trees.sorted { $0.ground < $1.ground }
  }
}
