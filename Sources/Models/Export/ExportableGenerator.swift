import Torch
import Wording

/// A trained generator, with what programs that run it elsewhere have to know.
package struct ExportableGenerator {
  package enum Input: Sendable, Equatable {
    /// `[batch, channels, height, width]` in [-1, 1]; both sides multiples of `multiple`, at least `minimum`.
    case image(channels: Int, multiple: Int, minimum: Int)
    /// `[batch, count]`
    case latent(count: Int)

    /// The name that it has in files.
    var name: String {
      switch self {
      case .image: "image"
      case .latent: "latent"
      }
    }
  }

  package let network: any Module
  package let input: Input
  package let outputChannels: Int
  /// What the user would want to know of the file: written into formats that have a place for it.
  package let description: [String: String]
  /// The options of training that its tensors do not show, such as "--skips features"; `nil` where they show all.
  package let unseenOptions: String?

  /// A translator.
  /// - Parameter direction: "a-to-b" or "b-to-a".
  package init(_ network: any Module, _ configuration: GeneratorConfiguration, direction: String) {
    self.network = network
    input = .image(
      channels: configuration.inputChannels, multiple: configuration.sizeMultiple,
      minimum: configuration.minimumSize)
    outputChannels = configuration.outputChannels
    description = [
      "network": configuration.summary, "direction": direction, "range": "-1 to 1",
      "input_channels": "\(configuration.inputChannels)",
      "output_channels": "\(configuration.outputChannels)",
      "size_multiple": "\(configuration.sizeMultiple)",
    ].merging(configuration.metadata) { own, _ in own }
    let unseen = configuration.metadata.sorted { $0.key < $1.key }.map { "--\($0) \($1)" }
    unseenOptions = unseen.isEmpty ? nil : listed(unseen)
  }

  /// A generator of samples.
  /// - Parameter latentDistribution: "normal" or "uniform".
  package init(
    _ network: any Module, _ configuration: SampleModelConfiguration, latentDistribution: String
  ) {
    self.network = network
    // A class or codes stand behind the random numbers.
    input = .latent(count: configuration.generatorInputs)
    outputChannels = configuration.channels
    unseenOptions = nil
    description = [
      "network": configuration.summary, "range": "-1 to 1",
      "latent_distribution": latentDistribution, "output_channels": "\(configuration.channels)",
    ].merging(configuration.condition?.metadata ?? [:]) { own, _ in own }
  }

  package var isTranslator: Bool {
    if case .image = input { true } else { false }
  }

  /// The name of what it returns, in files.
  var outputName: String {
    switch input {
    case .image: "translated"
    case .latent: "image"
    }
  }

  /// The state dict, with weights of 16 bits if `half`.
  package func stateDict(half: Bool) -> [(name: String, tensor: Tensor)] {
    network.stateDict.map { name, tensor in
      (name, half && tensor.dtype == .float32 ? tensor.converted(to: .float16) : tensor)
    }
  }

  /// Something to try the network on: the same each time.
  /// - Parameter size: of the image, if it is fixed.
  package func trial(size: (height: Int, width: Int)?) -> Tensor {
    switch input {
    case .latent(let count): return .normal(shape: [2, count], seed: 1)
    case .image(let channels, let multiple, let minimum):
      let side = (max(minimum, 64) + multiple - 1) / multiple * multiple
      let (height, width) = size ?? (height: side, width: side + multiple)
      return .uniform(shape: [1, channels, height, width], seed: 1) * 2 - 1
    }
  }

  /// What the network makes of `trial`.
  package func output(of trial: Tensor) -> Tensor {
    withoutGradients { network(trial, .inference) }
  }
}
