import Testing
import Torch

@testable import Models

/// Where in an image a discriminator's scores lie.
struct DiscriminatorPlacementTests {
  /// A score's gradient reaches as far to one side of the middle of its patch as to the other.
  @Test(arguments: [1, 2])
  func scoresLieInTheMiddleOfTheirPatches(_ layers: Int) {
    var configuration = DiscriminatorConfiguration()
    configuration.architecture = .patch(layers: layers)
    configuration.baseChannels = 2
    configuration.normalization = .none
    let discriminator = configuration.makeDiscriminator()
    discriminator.initialize(.normal(gain: 1), seed: 3)
    let side = 64
    let image = Tensor.normal(shape: [1, 3, side, side], seed: 4).requiringGradient()
    let row = 6
    let score = discriminator(image, .inference).narrowed(axis: 2, row..<row + 1)
    let gradient = score.sum().gradient(of: image, createGraph: false)
    let reached = gradient.absolute().sum(axes: [0, 1, 3]).elements.enumerated()
      .filter { $0.element > 0 }.map(\.offset)
    let placement = configuration.placement
    // Twice the middle, from the first pixel's edge.
    let middle = 2 * (placement.first + row * placement.step) + placement.step
    #expect(reached[0] + reached[reached.count - 1] + 1 == middle)
  }

  /// One score for each pixel; and of 70x70 patches one every 8 pixels, from the square of pixels 8 to 15 on: a side of
  /// 256 has 30 of them, and 8 pixels are left at both ends.
  @Test func placementOfTheUsualOnes() {
    var configuration = DiscriminatorConfiguration()
    #expect(configuration.placement == (8, 8))
    configuration.architecture = .pixel
    #expect(configuration.placement == (1, 0))
  }
}
