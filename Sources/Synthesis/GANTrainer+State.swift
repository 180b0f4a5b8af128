import Files
import Models
import Torch
import Training

extension GANTrainer {
  /// What a file says beside its tensors: which network it is, what its latents are drawn from, and which classes or
  /// codes it knows.
  package func metadata(ofNetwork name: String) -> [String: String] {
    let kind: SampleNetworkKind = name == "D" ? .discriminator : .generator
    let own = [
      "format": "pt", SampleNetworkKind.metadataKey: kind.rawValue,
      "latent_distribution": configuration.latentDistribution.rawValue,
    ]
    return own.merging(configuration.networks.condition?.metadata ?? [:]) { own, _ in own }
  }

  /// Throws `FileError` for a file of networks that know other classes or codes: the same numbers mean something else
  /// in them. Files of other programs say nothing.
  package func check(
    _ metadata: [String: String], ofNetwork name: String, path: String
  ) throws(FileError) {
    guard metadata[SampleNetworkKind.metadataKey] != nil else { return }
    let condition = configuration.networks.condition
    let found = try SampleCondition.found(in: metadata, path: path)
    guard found != condition else { return }
    func words(_ condition: SampleCondition?) -> String {
      condition.map { "those of \($0.listing)" } ?? "without a condition"
    }
    throw FileError(
      path: path,
      reason: "its networks are \(words(found)), the run's \(words(condition))")
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
