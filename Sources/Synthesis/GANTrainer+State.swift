import Files
import Torch
import Training

extension GANTrainer {
  /// What a generator's file says beside its tensors: which network it is, and what its latents are drawn from.
  package func metadata(ofNetwork name: String) -> [String: String] {
    [
      "format": "pt", "network": name == "D" ? "discriminator" : "generator",
      "latent_distribution": configuration.latentDistribution.rawValue,
    ]
  }

  /// Both optimizers' state, BEGAN's k and what the health warnings have seen.
  package var trainingState: [(name: String, tensor: Tensor)] {
    optimizers.flatMap { prefixed($0.name, $0.optimizer.state) } + [
      ("began.k", .full(balance.k, shape: [], dtype: .float64)),
      ("health", Tensor(health.numbers, shape: [health.numbers.count])),
    ]
  }

  /// Throws `StateDictMismatch` where the optimizers' state does not fit, `FileError` where the rest is
  /// missing.
  package func restoreTrainingState(_ saved: SafeTensors, from path: String) throws {
    for (name, optimizer) in optimizers { try optimizer.load(saved.part(name), from: path) }
    let all = saved.byName
    guard let k = all["began.k"], k.elementCount == 1, let numbers = all["health"] else {
      throw FileError(path: path, reason: "'began.k' or 'health' is missing")
    }
    balance.restore(k: k.item)
    health = GANHealth(numbers: numbers.elements)
  }
}
