import Torch

/// How good translations are where no truth is known: from the images that were translated, the results, and
/// real images of the wanted domain, which are of other scenes.
///
/// Two numbers pull in opposite directions. Results have to look like the domain (`patchDistance`), which
/// a generator can reach that forgets what it was given; and they have to show what was there before
/// (`edgeCorrelation`), which is best kept by changing nothing. Neither has a scale that the other could be
/// weighed against, so that candidates are put in order by the sum of their ranks in both (`order`). Over
/// the ablation's runs that order follows the truth: Tests/Quality/README.md.
package enum TranslationMeasure {
  /// Side of the patches whose colors are compared.
  private static let patch = 7
  /// The shortest side of images that can be measured.
  package static let smallestSide = patch
  /// Directions that patches are projected on, at each size.
  private static let directions = 128
  /// Directions at one time, which bounds the memory.
  private static let together = 16

  /// How differently the patches of two sets of images are distributed: 0 for equal sets.
  ///
  /// The sliced Wasserstein distance between the patches of 7x7 pixels at each level of the images' Laplacian
  /// pyramids, not normalized, so that colors count; the mean over the levels and over 128 directions, which
  /// are the same for a seed. For each direction the patches of both sets are projected on it and sorted,
  /// and the mean distance of those with the same rank is taken.
  ///
  /// Source: arXiv 1710.10196, section 5, which normalizes patches and draws them at random; here they lie on a
  /// grid whose step is odd, so that it meets every phase of a checkerboard.
  /// - Parameters:
  ///   - x: `[count, channels, height, width]`, at least 7 pixels a side, and `y` images of the same size; of
  ///     the larger set the first are taken.
  /// Traps for images of other sizes and for none.
  package static func patchDistance(_ x: Tensor, _ y: Tensor, seed: UInt64 = 0) -> Double {
    precondition(
      x.rank == 4 && x.shape.dropFirst() == y.shape.dropFirst(), "\(x.shape) and \(y.shape)")
    let count = min(x.shape[0], y.shape[0])
    precondition(count > 0 && min(x.shape[2], x.shape[3]) >= patch, "images of \(x.shape)")
    return withoutGradients {
      let levels = zip(
        laplacianPyramid(x.narrowed(axis: 0, 0..<count)),
        laplacianPyramid(y.narrowed(axis: 0, 0..<count)))
      let distances = levels.enumerated().map { level, maps in
        slicedDistance(maps.0, maps.1, seed: seed &+ UInt64(level))
      }
      return distances.reduce(0, +) / Double(distances.count)
    }
  }

  private static func slicedDistance(_ x: Tensor, _ y: Tensor, seed: UInt64) -> Double {
    let units = units(channels: x.shape[1], seed: seed).moved(to: x.device)
    let step = step(x)
    var sum = 0.0
    for first in stride(from: 0, to: directions, by: together) {
      let some = units.narrowed(axis: 0, first..<first + together)
      func sorted(_ maps: Tensor) -> Tensor {
        maps.conv2d(weight: some, bias: nil, stride: step, padding: 0)
          .permuted([1, 0, 2, 3]).reshaped([together, -1]).sorted(axis: 1)
      }
      sum += sorted(x).l1Loss(sorted(y)).item * Double(together)
    }
    return sum / Double(directions)
  }

  /// Random directions of length 1: `[directions, channels, patch, patch]`.
  private static func units(channels: Int, seed: UInt64) -> Tensor {
    let random = Tensor.normal(shape: [directions, channels, patch, patch], seed: seed)
    return random / random.squared().sum(axes: [1, 2, 3]).squareRoot()
  }

  /// About sixteen patches along the shorter side.
  private static func step(_ maps: Tensor) -> Int {
    max(1, (min(maps.shape[2], maps.shape[3]) - patch) / 16) | 1
  }

  /// The numbers that `patchDistance` sorts and compares, for sets that are not in memory as images: at each level
  /// of the pyramid, each image's patches projected on the directions.
  ///
  /// - Parameter images: `[count, channels, height, width]`, at least 7 pixels a side.
  /// - Returns: for each level `[count, patches, directions]`.
  package static func projections(of images: Tensor, seed: UInt64 = 0) -> [Tensor] {
    withoutGradients {
      laplacianPyramid(images).enumerated().map { level, maps in
        let units = units(channels: maps.shape[1], seed: seed &+ UInt64(level))
        let projected = maps.conv2d(
          weight: units.moved(to: maps.device), bias: nil, stride: step(maps), padding: 0)
        return projected.permuted([0, 2, 3, 1]).reshaped([maps.shape[0], -1, directions])
      }
    }
  }

  /// The differences between an image and what is left of it at half the size, level by level, and last what
  /// is left: levels whose shorter side has at least 16 pixels.
  ///
  /// Source: Burt and Adelson, "The Laplacian pyramid as a compact image code" (1983), with the kernel
  /// [1 4 6 4 1] / 16.
  static func laplacianPyramid(_ images: Tensor) -> [Tensor] {
    var levels: [Tensor] = []
    var rest = images
    while min(rest.shape[2], rest.shape[3]) >= 32 {
      let (height, width) = (rest.shape[2], rest.shape[3])
      let half = blurred(rest, stride: 2)
      let back = doubled(half, height: height, width: width)
      levels.append(rest - back)
      rest = half
    }
    return levels + [rest]
  }

  private static let kernel: [Float] = [1, 4, 6, 4, 1].map { $0 / 16 }

  /// `[1, 1, 5, 5]`: the kernel along both axes.
  private static func window(_ device: Device) -> Tensor {
    Tensor(kernel.flatMap { row in kernel.map { row * $0 } }, shape: [1, 1, 5, 5])
      .moved(to: device)
  }

  /// Every channel as an image of its own: `[count * channels, 1, height, width]`.
  private static func planes(_ x: Tensor) -> Tensor {
    x.reshaped([x.shape[0] * x.shape[1], 1, x.shape[2], x.shape[3]])
  }

  private static func blurred(_ x: Tensor, stride: Int) -> Tensor {
    let y = planes(x).reflectionPadded(top: 2, bottom: 2, left: 2, right: 2)
      .conv2d(weight: window(x.device), bias: nil, stride: stride, padding: 0)
    return y.reshaped([x.shape[0], x.shape[1], y.shape[2], y.shape[3]])
  }

  /// The blurred image with zeros between its pixels, times 4 for those: what `blurred` with a stride of 2 takes
  /// apart.
  private static func doubled(_ x: Tensor, height: Int, width: Int) -> Tensor {
    let padded = planes(x).reflectionPadded(top: 1, bottom: 1, left: 1, right: 1)
    let y = padded.convTranspose2d(
      weight: window(x.device) * 4, bias: nil, stride: 2, padding: 0, outputPadding: 0)
    // Pixel i of the padded map is put down around 2 i, from 2 i on in a map that begins 2 before the first.
    return y.narrowed(axis: 2, 4..<4 + height).narrowed(axis: 3, 4..<4 + width)
      .reshaped([x.shape[0], x.shape[1], height, width])
  }

  /// How well edges lie where they lay before, from -1 to 1: the mean over the images of the correlation between
  /// the strengths of edges in an image and in its translation.
  ///
  /// The strength is the length of Sobel's gradient of the mean over the channels; the correlation is Pearson's,
  /// and 0 for an image without edges.
  /// - Parameters:
  ///   - images: `[count, channels, height, width]`, at least 3 pixels a side.
  ///   - translations: of the same images in the same order, of any number of channels.
  /// Traps for other sizes and for none.
  package static func edgeCorrelation(_ images: Tensor, _ translations: Tensor) -> Double {
    precondition(
      images.rank == 4 && images.shape[0] == translations.shape[0] && images.shape[0] > 0
        && images.shape[2...] == translations.shape[2...],
      "\(images.shape) and \(translations.shape)")
    return withoutGradients {
      edges(of: images).correlations(with: edges(of: translations)).mean().item
    }
  }

  /// `[count, 1, height - 2, width - 2]`
  private static func edges(of images: Tensor) -> Tensor {
    let across = Tensor([-1, 0, 1, -2, 0, 2, -1, 0, 1], shape: [1, 1, 3, 3]).moved(
      to: images.device)
    let gray = images.mean(axes: [1])
    func slope(_ weight: Tensor) -> Tensor {
      gray.conv2d(weight: weight, bias: nil, stride: 1, padding: 0)
    }
    return
      (slope(across).squared() + slope(across.permuted([0, 1, 3, 2]).contiguous()).squared())
      .squareRoot()
  }

  /// What a candidate, such as a snapshot, scored.
  package struct Scores: Sendable, Equatable {
    package let patchDistance: Double
    package let edgeCorrelation: Double

    package init(patchDistance: Double, edgeCorrelation: Double) {
      self.patchDistance = patchDistance
      self.edgeCorrelation = edgeCorrelation
    }
  }

  /// Candidates put in order: for each the sum of its rank by the distance, the smallest first, and its rank by
  /// the correlation, the largest first. The one with the smallest sum is the best; equal ones share a rank.
  package static func ranks(of candidates: [Scores]) -> [Double] {
    zip(ranks(candidates.map(\.patchDistance)), ranks(candidates.map { -$0.edgeCorrelation }))
      .map(+)
  }

  /// The place of each among all, from 1 for the smallest; equal ones share the mean of their places.
  static func ranks(_ values: [Double]) -> [Double] {
    values.map { value in
      let smaller = values.count { $0 < value }
      let equal = values.count { $0 == value }
      return Double(smaller) + Double(equal + 1) / 2
    }
  }
}
