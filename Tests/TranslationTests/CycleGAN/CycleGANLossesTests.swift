import Testing
import Torch

@testable import Translation

struct CycleGANLossesTests {
  private let losses = CycleGANLosses(
    dA: 1, gA: 2, cycleA: 3, identityA: 4, dB: 5, gB: 6, cycleB: 7, identityB: 8)

  /// REFERENCE.md, section 1.6.
  @Test func namesAreInTheReferencesOrder() {
    let names = ["D_A", "G_A", "cycle_A", "idt_A", "D_B", "G_B", "cycle_B", "idt_B"]
    #expect(losses.named.map(\.name) == names)
    #expect(losses.named.map(\.value) == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test func theGeneratorsTotalLeavesTheDiscriminatorsOut() {
    #expect(losses.generatorTotal == 2 + 3 + 4 + 6 + 7 + 8)
  }

  /// Half of the sum for the discriminators, as for the other losses; the generators take all of theirs. With
  /// a critic of zeros max(0, 1 - s) and max(0, 1 + s) are 1, and -s is 0.
  @Test func hingeOfCriticsWithoutAnOpinion() {
    var configuration = CycleGANConfiguration()
    configuration.networks.blocks = 1
    configuration.networks.generatorFilters = 2
    configuration.networks.discriminatorLayers = 1
    configuration.networks.discriminatorFilters = 2
    configuration.losses.adversary = .hinge
    configuration.optimization.precision = .fp32
    let trainer = CycleGANTrainer(configuration: configuration, device: .cpu)
    for critic in [trainer.discriminatorA, trainer.discriminatorB] {
      for parameter in critic.trainableParameters {
        parameter.tensor.copyInPlace(from: .zeros(shape: parameter.tensor.shape))
      }
    }
    let images = Tensor.uniform(shape: [1, 3, 16, 16], seed: 1)
    let losses = trainer.step(realA: images, realB: images)
    #expect([losses.dA, losses.dB] == [1, 1])
    #expect([losses.gA, losses.gB] == [0, 0])
  }
}
