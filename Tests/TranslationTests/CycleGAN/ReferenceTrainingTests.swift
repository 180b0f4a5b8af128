import Datasets
import Imaging
import TestSupport
import Testing
import Torch
import Training

@testable import Translation

/// Ten steps of training give PyTorch's losses from the same weights and images. The fixture and what
/// is in it: Tests/Fixtures/Reference/write_training.py.
struct ReferenceTrainingTests {
  private let reference: SafeTensors

  init() throws {
    reference = try SafeTensors.read(from: fixture("Reference/training.safetensors"))
  }

  /// The project's promise: within 0.1 %.
  @Test(arguments: [AdversarialLoss.lsgan, .vanilla, .wganGP])
  func lossesOfTenSteps(_ adversary: AdversarialLoss) throws {
    let trainer = try makeTrainer(adversary)
    let suffix = adversary == .lsgan ? "" : ".\(adversary.rawValue)"
    let expected = try tensor("losses\(suffix)").elements
    #expect(expected.count == 80)
    for step in 0..<10 {
      for (index, loss) in try self.step(step, of: trainer).named.enumerated() {
        let wanted = Double(expected[step * 8 + index])
        let difference = abs(loss.value - wanted)
        #expect(difference <= 0.001 * abs(wanted), "\(loss) in step \(step + 1), not \(wanted)")
      }
    }
    #expect(trainer.stepCount == 10)
  }

  /// PyTorch's own float32 is off by 1.5e-6 after ten steps of about 0.0002 each.
  @Test func weightsAfterTenSteps() throws {
    let trainer = try makeTrainer(.lsgan)
    for step in 0..<10 { _ = try self.step(step, of: trainer) }
    let undetermined = try #require(reference.metadata["undetermined"]).split(separator: ",")
    let networks = trainer.networks.filter { ["G_A", "D_A"].contains($0.name) }
    let weights = networks.flatMap { name, network in
      network.stateDict.map { ("\(name).\($0.name)", $0.tensor) }
    }
    let determined = weights.filter { !undetermined.contains(Substring($0.0)) }
    // The weights of 10 convolutions of G_A and 4 of D_A, and the biases that no instance norm follows.
    #expect(determined.count == 10 + 1 + 4 + 2)
    for (name, found) in determined {
      expectClose(found, try tensor("final.\(name)"), tolerance: 1e-5)
    }
  }

  private func makeTrainer(_ adversary: AdversarialLoss) throws -> CycleGANTrainer {
    func number(_ key: String) throws -> Double {
      try #require(reference.metadata[key].flatMap(Double.init), "\(key)")
    }
    var configuration = CycleGANConfiguration()
    configuration.networks.blocks = Int(try number("generator.blocks"))
    configuration.networks.generatorFilters = Int(try number("generator.filters"))
    configuration.networks.discriminatorLayers = Int(try number("discriminator.layers"))
    configuration.networks.discriminatorFilters = Int(try number("discriminator.filters"))
    configuration.losses.adversary = adversary
    configuration.losses.cycleWeightA = try number("lambda_a")
    configuration.losses.cycleWeightB = try number("lambda_b")
    configuration.losses.identityWeight = try number("lambda_identity")
    configuration.losses.poolSize = Int(try number("pool_size"))
    configuration.optimization.learningRate = try number("learning_rate")
    configuration.optimization.beta1 = try number("beta1")
    configuration.optimization.precision = .fp32
    let trainer = CycleGANTrainer(configuration: configuration, device: .cpu)
    for (name, network) in trainer.networks {
      let weights = reference.tensors.filter { $0.name.hasPrefix(name + ".") }
        .map { (String($0.name.dropFirst(name.count + 1)), $0.tensor) }
      try network.load(Dictionary(uniqueKeysWithValues: weights), from: name)
    }
    // The fixture's first column is for D_A, which judges B.
    let alpha = try tensor("alpha")
    trainer.penaltyWeights = { step, side, batch in
      let column = side == .b ? 0 : 1
      return alpha.narrowed(axis: 0, step..<(step + 1)).narrowed(axis: 1, column..<(column + 1))
        .reshaped([batch, 1, 1, 1])
    }
    return trainer
  }

  private func step(_ index: Int, of trainer: CycleGANTrainer) throws -> CycleGANLosses {
    trainer.step(
      realA: Tensor(images: [try image("A", index)]),
      realB: Tensor(images: [try image("B", index)]))
  }

  /// One of the images `[10, height, width, 3]`.
  private func image(_ name: String, _ index: Int) throws -> Image {
    let images = try tensor(name)
    let one = images.narrowed(axis: 0, index..<(index + 1))
    return Image(height: one.shape[1], width: one.shape[2], channels: 3, pixels: one.bytes)
  }

  private func tensor(_ name: String) throws -> Tensor {
    try #require(reference.byName[name], "\(name)")
  }
}
