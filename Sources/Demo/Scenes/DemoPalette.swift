/// The colors of one season. Light, shadow and shape come from the scene; only this differs
/// between seasons.
struct DemoPalette: Sendable {
  let skyTop: SceneColor
  let skyHorizon: SceneColor
  let cloud: Shade
  /// What far things fade into.
  let haze: SceneColor
  let rock: Shade
  let snow: Shade
  /// The wooded foot of the mountains.
  let mountainFoot: Shade
  let farHill: Shade
  let middleHill: Shade
  let meadow: Shade
  let path: SceneColor
  let water: SceneColor
  /// How much of the lake is its own color and not a reflection, in [0, 1].
  let waterOpacity: Float
  let needles: Shade
  let leaves: Shade
  let bark: Shade
  /// Part of the lower mountains and of the trees' boughs that carries snow, in [0, 1].
  let snowCover: Float
  /// How little one sees through the crown of a broad-leaved tree, in [0, 1]: leaves, or twigs
  /// alone.
  let crownOpacity: Float

  static func of(_ season: Season) -> DemoPalette {
    switch season {
    case .summer: summer
    case .winter: winter
    }
  }

  private static let summer = DemoPalette(
    skyTop: [0.30, 0.55, 0.85], skyHorizon: [0.72, 0.85, 0.95],
    cloud: Shade(dark: [0.76, 0.83, 0.91], lit: [0.98, 0.98, 0.98]),
    haze: [0.68, 0.80, 0.92],
    rock: Shade(dark: [0.37, 0.41, 0.50], lit: [0.61, 0.59, 0.58]),
    snow: Shade(dark: [0.62, 0.71, 0.86], lit: [0.97, 0.97, 0.97]),
    mountainFoot: Shade(dark: [0.15, 0.28, 0.26], lit: [0.36, 0.47, 0.34]),
    farHill: Shade(dark: [0.19, 0.36, 0.27], lit: [0.48, 0.63, 0.38]),
    middleHill: Shade(dark: [0.20, 0.38, 0.20], lit: [0.48, 0.63, 0.30]),
    meadow: Shade(dark: [0.20, 0.36, 0.13], lit: [0.53, 0.66, 0.26]),
    path: [0.76, 0.66, 0.48], water: [0.25, 0.48, 0.64], waterOpacity: 0.5,
    needles: Shade(dark: [0.08, 0.19, 0.14], lit: [0.25, 0.41, 0.21]),
    leaves: Shade(dark: [0.16, 0.31, 0.10], lit: [0.49, 0.61, 0.23]),
    bark: Shade(dark: [0.16, 0.10, 0.08], lit: [0.42, 0.30, 0.21]),
    snowCover: 0, crownOpacity: 1)

  private static let winter = DemoPalette(
    skyTop: [0.56, 0.61, 0.68], skyHorizon: [0.81, 0.83, 0.87],
    cloud: Shade(dark: [0.66, 0.70, 0.76], lit: [0.88, 0.89, 0.91]),
    haze: [0.79, 0.82, 0.87],
    rock: Shade(dark: [0.42, 0.46, 0.54], lit: [0.60, 0.62, 0.66]),
    snow: Shade(dark: [0.58, 0.66, 0.80], lit: [0.96, 0.97, 0.99]),
    mountainFoot: Shade(dark: [0.45, 0.52, 0.61], lit: [0.78, 0.82, 0.88]),
    farHill: Shade(dark: [0.60, 0.67, 0.77], lit: [0.90, 0.92, 0.95]),
    middleHill: Shade(dark: [0.63, 0.70, 0.81], lit: [0.91, 0.93, 0.95]),
    meadow: Shade(dark: [0.62, 0.70, 0.81], lit: [0.93, 0.94, 0.96]),
    path: [0.62, 0.66, 0.74], water: [0.63, 0.71, 0.80], waterOpacity: 0.7,
    needles: Shade(dark: [0.27, 0.35, 0.41], lit: [0.45, 0.54, 0.58]),
    leaves: Shade(dark: [0.44, 0.43, 0.47], lit: [0.66, 0.65, 0.68]),
    bark: Shade(dark: [0.25, 0.22, 0.23], lit: [0.43, 0.39, 0.39]),
    snowCover: 1, crownOpacity: 0.6)
}
