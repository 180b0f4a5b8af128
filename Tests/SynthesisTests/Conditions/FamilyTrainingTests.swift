import Models
import TestSupport
import Testing
import Torch
import Training

@testable import Synthesis

/// Three steps of each conditional and semi-supervised GAN give PyTorch's losses and weights from the same start. The
/// fixture and what is in it: Tests/Fixtures/Family/write_family.py.
struct FamilyTrainingTests {
  @Test(arguments: ["cgan", "cgan-hinge", "cgan-dcgan", "acgan", "infogan"])
  func threeSteps(_ name: String) throws {
    try Self.check(name)
  }

  /// The code of ten says as much as 62 numbers of the latent, in squares; sums of 2,560 squares are within a tenth.
  @Test func codesAreHeardFromTheStart() throws {
    var request = GANRequest(.gan)
    request.condition = .infogan
    (request.size, request.channels) = (8, 1)
    let trainer = GANTrainer(configuration: request.decided, device: .cpu)
    for (name, network) in trainer.networks where name != "D" {
      let weight = network.namedParameters()[0].value.tensor.detached()
      #expect(weight.shape == [256, 62 + 10 + 2])
      func meanSquare(_ inputs: Range<Int>) -> Float {
        weight.narrowed(axis: 1, inputs).squared().mean().elements[0]
      }
      let (latent, code) = (meanSquare(0..<62), meanSquare(62..<72))
      #expect(abs(code / latent / 62 - 1) < 0.1, "\(name)")
      #expect(meanSquare(72..<74) / latent < 2, "\(name)")
    }
  }

  /// In a process of its own, where no other test draws from the noise's generator.
  @Test func threeSemiSupervisedSteps() async {
    await #expect(processExitsWith: .success) { try FamilyTrainingTests.check("sgan") }
  }

  private static func check(_ name: String) throws {
    let reference = try SafeTensors.read(from: fixture("Family/family.safetensors"))
    func tensor(_ key: String) throws -> Tensor {
      try #require(reference.byName["\(name).\(key)"], "\(key)")
    }
    func rows(_ key: String, _ step: Int) throws -> Tensor {
      let all = try tensor(key)
      return all.narrowed(axis: 0, step..<(step + 1)).reshaped(Array(all.shape.dropFirst()))
    }
    let trainer = try trainer(name, reference)
    let losses = try tensor("losses").doubles
    for step in 0..<3 {
      func classes(_ key: String) throws -> Tensor {
        oneHot(try rows(key, step).elements.map { Int($0) }, classes: 3)
      }
      let found = trainer.step([
        GANTrainer.Pass(
          part: BatchPart(whole: 6), real: try rows("images", step),
          classes: try classes("classes"),
          labeled: name == "sgan" ? (try rows("labeled", step), try classes("labels")) : nil)
      ])
      #expect(found.named.count == losses.count / 3)
      for (index, loss) in found.named.enumerated() {
        expectClose(loss.value, losses[step * found.named.count + index], tolerance: 1e-4)
      }
    }
    for (network, module) in trainer.networks where network != "G_ema" {
      for (key, found) in module.stateDict {
        expectClose(found, try tensor("final.\(network).\(key)"), tolerance: 1e-4)
      }
    }
  }

  private static func trainer(_ name: String, _ reference: SafeTensors) throws -> GANTrainer {
    let isConvolutional = name == "cgan-dcgan"
    var request = GANRequest(isConvolutional ? .dcgan : .gan)
    request.condition = SampleCondition.Kind(rawValue: String(name.prefix { $0 != "-" }))
    request.classes = ["a", "b", "c"]
    (request.size, request.channels, request.latent) = (isConvolutional ? 28 : 8, 1, 5)
    if isConvolutional {
      request.configuration.networks.architecture = .dcgan(filters: 2)
    } else {
      request.hidden = [12]
    }
    if name == "cgan-hinge" { request.configuration.losses.loss = .hinge }
    request.configuration.seed = 7
    let trainer = GANTrainer(configuration: request.decided, device: .cpu)
    for (network, module) in trainer.networks {
      let prefix = "\(name).\(network == "G_ema" ? "G" : network)."
      let weights = reference.tensors.filter { $0.name.hasPrefix(prefix) }
        .map { (String($0.name.dropFirst(prefix.count)), $0.tensor) }
      try module.load(Dictionary(uniqueKeysWithValues: weights), from: name)
    }
    return trainer
  }
}
