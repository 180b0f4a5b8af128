/// Normalizes each channel of each image by its own mean and variance; no parameters, and the same in
/// training and inference. Source: arXiv 1607.08022.
package final class InstanceNorm2d: Module {
  package let eps = 1e-5

  package init() {}

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor { x.instanceNorm(eps: eps) }
}

/// Normalizes each channel by the batch's mean and variance in training and by running averages of
/// them in inference, then scales and shifts it. Source: arXiv 1502.03167.
package final class BatchNorm2d: Module {
  package let weight: Parameter
  package let bias: Parameter
  package let runningMean: Parameter
  package let runningVariance: Parameter
  package let eps = 1e-5
  let momentum = 0.1
  private let batchesTracked: Parameter
  /// Whose samples the statistics are of in training, beside this process's own.
  var processes: ProcessGroup?

  package init(channels: Int) {
    weight = Parameter(.full(1, shape: [channels]))
    bias = Parameter(.zeros(shape: [channels]))
    runningMean = Parameter(.zeros(shape: [channels]), isTrainable: false)
    runningVariance = Parameter(.full(1, shape: [channels]), isTrainable: false)
    batchesTracked = Parameter(.zeros(shape: [], dtype: .int64), isTrainable: false)
  }

  package var parameters: [(name: String, value: Parameter)] {
    [
      ("weight", weight), ("bias", bias), ("running_mean", runningMean),
      ("running_var", runningVariance), ("num_batches_tracked", batchesTracked),
    ]
  }

  /// The running statistics stay as they are.
  package func initializeOwnParameters(_ initialization: Initialization, seed: UInt64) {
    weight.tensor.copyInPlace(
      from: Tensor.normal(shape: weight.tensor.shape, seed: seed) * initialization.gain + 1)
    bias.fill(with: 0)
  }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    if mode == .training {
      batchesTracked.tensor.copyInPlace(from: batchesTracked.tensor + 1)
      if let processes { return normalized(x, over: processes) }
    }
    return x.batchNorm(
      weight: weight.tensor, bias: bias.tensor, runningMean: runningMean.tensor,
      runningVariance: runningVariance.tensor, training: mode == .training, momentum: momentum,
      eps: eps)
  }
}
