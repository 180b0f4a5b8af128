import Files
import Foundation
import Imaging
import Models
import TestSupport
import Testing
import Torch

@testable import Synthesis

/// The bounds of a likelihood that is known: a decoder that takes no notice of its code gives each of 4 values the
/// probability 1/2, whatever the codes are, so that -log p(x) = 4 log 2.
struct AutoencoderEvaluationTests {
  private let image = Image(height: 2, width: 2, channels: 1, pixels: [0, 255, 255, 0])

  /// A model whose weights are zero but for the encoder's last bias: the mean and the log variance of all codes.
  private func withModel(
    _ kind: AutoencoderConfiguration.Kind = .variational, code: [Float], hidden: Int = 3,
    threshold: String? = nil, _ body: (AutoencoderModel) throws -> Void
  ) throws {
    var configuration = AutoencoderConfiguration()
    configuration.kind = kind
    configuration.size = 2
    configuration.hidden = [hidden]
    configuration.code = 1
    let network = configuration.makeNetwork()
    var weights = Dictionary(uniqueKeysWithValues: network.stateDict.map { ($0.name, $0.tensor) })
    weights["encoder.2.bias"] = Tensor(code, shape: [code.count])
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("net_AE.safetensors")
      var metadata = ["network": "autoencoder"]
      metadata["threshold"] = threshold
      try SafeTensors(weights.map { ($0.key, $0.value) }, metadata: metadata).write(to: file)
      try body(AutoencoderModel(at: root))
    }
  }

  private func look(_ model: AutoencoderModel, samples: Int) -> AutoencoderEvaluation.Found {
    AutoencoderEvaluation(
      model, threshold: model.threshold, samples: samples, seed: 1, device: .cpu
    ).look(at: image, number: 0)
  }

  /// Codes from N(1/2, 4) diverge from N(0, 1) by (1/4 + 4 - 1 - log 4) / 2 = 0.931853, which the ELBO misses the
  /// truth by. Importance sampling does not: the weights p(z) / q(z|x) have the mean 1. Their variance is
  /// 2 sqrt(4/7) exp(1/28) - 1 = 0.567, so that the mean of 20,000 has a standard error of 0.0053.
  @Test func theSampledBoundIsTighter() throws {
    try withModel(code: [0.5, Float(log(4.0))]) { model in
      let found = look(model, samples: 20_000)
      expectClose(found.reconstruction, 4 * log(2), tolerance: 1e-5)
      expectClose(found.divergence ?? 0, 0.931853, tolerance: 1e-5)
      expectClose(found.negativeELBO ?? 0, 4 * log(2) + 0.931853, tolerance: 1e-4)
      expectClose(found.negativeLogLikelihood ?? 0, 4 * log(2), tolerance: 0.03)
      expectClose(found.squaredError, 0.25, tolerance: 1e-6)
      #expect(!found.isGray)
    }
  }

  /// With one draw and codes from N(0, 1) itself all bounds are one.
  @Test func withoutDivergenceAllBoundsAreOne() throws {
    try withModel(code: [0, 0]) { model in
      let found = look(model, samples: 1)
      expectClose(found.negativeELBO ?? 0, 4 * log(2), tolerance: 1e-5)
      expectClose(found.negativeLogLikelihood ?? 0, 4 * log(2), tolerance: 1e-5)
    }
  }

  @Test func plainModelsHaveNoLikelihood() throws {
    try withModel(.plain, code: [0.5]) { model in
      #expect(model.configuration.kind == .plain)
      let found = look(model, samples: 5)
      expectClose(found.reconstruction, 4 * log(2), tolerance: 1e-5)
      #expect(found.divergence == nil)
      #expect(found.negativeLogLikelihood == nil)
    }
  }

  /// What an image is measured as does not depend on the images before it, only on its number.
  @Test func drawsDependOnTheNumberAlone() throws {
    try withModel(code: [0.5, 1]) { model in
      func looker() -> AutoencoderEvaluation {
        AutoencoderEvaluation(model, threshold: nil, samples: 3, seed: 1, device: .cpu)
      }
      let first = looker()
      _ = first.look(at: image, number: 0)
      #expect(first.look(at: image, number: 1) == looker().look(at: image, number: 1))
      #expect(looker().look(at: image, number: 0) != looker().look(at: image, number: 1))
    }
  }

  /// Convolutional layers of 8 filters for 64x64 pixels have 64 maps of 4x4, then 32 of 8x8, 16 of 16x16 and 8 of
  /// 32x32: 1024, 2048, 4096 and 8192 values, and the image has 4096, or 12,288 in color.
  @Test func drawsAtOnceFollowFromTheLargestLayer() throws {
    var configuration = AutoencoderConfiguration()
    configuration.layers = .convolutional
    (configuration.size, configuration.filters) = (64, 8)
    #expect(configuration.valuesOfLargestLayer == 8192)
    configuration.channels = 3
    #expect(configuration.valuesOfLargestLayer == 12_288)
    configuration.layers = .connected
    #expect(configuration.valuesOfLargestLayer == 12_288)
    configuration.hidden = [7, 20_000, 9]
    #expect(configuration.valuesOfLargestLayer == 20_000)
    configuration.code = 30_000
    #expect(configuration.valuesOfLargestLayer == 30_000)
    // 4 values and a code of 1, but so many in between; 2^22 values in all.
    for (hidden, draws) in [(3, 1 << 20), (1 << 9, 1 << 13)] {
      try withModel(code: [0, 0], hidden: hidden) { model in
        let evaluation = AutoencoderEvaluation(
          model, threshold: nil, samples: 1, seed: 1, device: .cpu)
        #expect(evaluation.drawsAtOnce == draws)
      }
    }
  }

  /// The threshold travels in the weights file.
  @Test func theThresholdIsTheModels() throws {
    try withModel(code: [0, 0], threshold: "0.25") { model in #expect(model.threshold == 0.25) }
    try withModel(code: [0, 0]) { model in #expect(model.threshold == nil) }
    for damaged in ["7", "-0.5", "abc", "nan", ""] {
      let error = #expect(throws: FileError.self) {
        try withModel(code: [0, 0], threshold: damaged) { _ in }
      }
      #expect(error?.path.hasSuffix("net_AE.safetensors") == true)
      #expect(error?.reason == "its threshold '\(damaged)' is no number from 0 to 1")
    }
  }
}
