import Imaging
import Torch
import Training

/// Images of both domains that are not trained on, of one size, and what is measured on them.
struct ValidationImages {
  /// `[count, channels, height, width]` in [-1, 1], on the CPU.
  private let a: Tensor
  private let b: Tensor

  /// Of each domain; more tell little more about the order of snapshots.
  static let mostImages = 24
  private static let mostPixels = 512

  /// Steps of training between two validations, which then take at most a twentieth of their time: measuring on an
  /// image of each domain takes less than a step (0.83 of one for the demo's networks).
  var leastSteps: Int { 20 * max(a.shape[0], b.shape[0]) }

  /// Cuts the middle out of the images.
  ///
  /// - Parameters:
  ///   - cropSize: the side of the middle; `nil` for what all images have, up to 512 pixels.
  ///   - minimumSize: the shortest side that the networks take.
  ///   - sizeMultiple: what the sides are multiples of.
  /// `nil` without images on either side, and where they are too small.
  init?(a: [Image], b: [Image], cropSize: Int?, minimumSize: Int, sizeMultiple: Int) {
    let all = a + b
    guard !a.isEmpty, !b.isEmpty else { return nil }
    func side(_ length: KeyPath<Image, Int>) -> Int {
      let common = min(all.map { $0[keyPath: length] }.min() ?? 0, Self.mostPixels)
      return cropSize ?? common / sizeMultiple * sizeMultiple
    }
    let (height, width) = (side(\.height), side(\.width))
    guard min(height, width) >= max(minimumSize, TranslationMeasure.smallestSide) else {
      return nil
    }
    func stacked(_ images: [Image]) -> Tensor {
      Tensor(
        images: images.map {
          $0.cropped(
            top: ($0.height - height) / 2, left: ($0.width - width) / 2, height: height,
            width: width)
        })
    }
    self.a = stacked(a)
    self.b = stacked(b)
  }

  /// The measures of both generators as images are made by them, with weights that are averaged where they are; then
  /// of the weights as they are.
  ///
  /// Throws `CancellationError` once `shouldStop`, asked for each image, is true.
  func measure(
    _ trainer: CycleGANTrainer, unless shouldStop: () -> Bool
  ) throws -> ValidationValues {
    try withoutGradients {
      var values: ValidationValues = []
      let (ab, ba) = (trainer.shownAB, trainer.shownBA)
      let (realA, realB) = (a.moved(to: trainer.device), b.moved(to: trainer.device))
      func run(_ generator: any Module, _ images: Tensor) throws -> Tensor {
        try Self.run(
          generator, images, usesBFloat16: trainer.usesBFloat16, unless: shouldStop)
      }
      for (name, side, real, other, there, back) in [
        ("G_A", "A", realA, realB, ab, ba), ("G_B", "B", realB, realA, ba, ab),
      ] {
        let fake = try run(there, real)
        values += Self.scores(name, of: real, fake, other)
        values.append(("cycle_\(side)", try run(back, fake).l1Loss(real).item))
        if fake.shape == real.shape { values.append(("change_\(name)", fake.l1Loss(real).item)) }
      }
      if trainer.averageAB != nil {
        for (name, real, other, there) in [
          ("G_A", realA, realB, trainer.generatorAB), ("G_B", realB, realA, trainer.generatorBA),
        ] {
          values += Self.scores(name, of: real, try run(there, real), other).map {
            ("\($0.name)_raw", $0.value)
          }
        }
      }
      return values
    }
  }

  private static func scores(
    _ name: String, of real: Tensor, _ fake: Tensor, _ other: Tensor
  ) -> ValidationValues {
    [
      ("distance_\(name)", TranslationMeasure.patchDistance(fake, other)),
      ("edges_\(name)", TranslationMeasure.edgeCorrelation(real, fake)),
    ]
  }

  /// One image at a time, as little memory as a step takes.
  private static func run(
    _ generator: any Module, _ images: Tensor, usesBFloat16: Bool, unless shouldStop: () -> Bool
  ) throws -> Tensor {
    let results = try (0..<images.shape[0]).map { index in
      if shouldStop() { throw CancellationError() }
      return withBFloat16Autocast(usesBFloat16, on: images.device) {
        generator(images.narrowed(axis: 0, index..<index + 1), .inference)
      }.converted(to: .float32)
    }
    return .concatenated(results, axis: 0)
  }
}
