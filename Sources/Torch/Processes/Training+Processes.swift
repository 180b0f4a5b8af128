// What of a training step needs the other processes.

extension ProcessGroup {
  /// Begins to add the gradients of parameters up over all processes. Each has scaled its loss by what its samples
  /// weigh in the batch.
  package func beginSumOfGradients(of parameters: [Parameter]) -> PendingSum {
    beginSum(parameters.compactMap(\.gradient))
  }
}

extension Tensor {
  /// A loss as it counts in the loss of the whole batch.
  package func weighted(as part: BatchPart) -> Tensor {
    part.weight == 1 ? self : self * part.weight
  }
}

extension Module {
  /// All batch norms below.
  private var batchNorms: [BatchNorm2d] {
    (self as? BatchNorm2d).map { [$0] } ?? children.flatMap { $0.module.batchNorms }
  }

  /// Lets batch norm normalize by the mean and variance of all processes' samples.
  package func synchronizeBatchNorm(over processes: ProcessGroup?) {
    for norm in batchNorms { norm.processes = processes }
  }

  /// Gives the running statistics of batch norms, which each process has of its own samples, their means over all.
  package func averageRunningStatistics(over processes: ProcessGroup?) {
    guard let processes else { return }
    let statistics = batchNorms.filter { $0.processes == nil }
      .flatMap { [$0.runningMean.tensor, $0.runningVariance.tensor] }
    if statistics.isEmpty { return }
    processes.sum(statistics)
    for tensor in statistics { tensor.copyInPlace(from: tensor * (1 / Double(processes.count))) }
  }

  /// A number that is another one for other weights.
  package var weightsChecksum: UInt32 {
    namedParameters().reduce(0) { $0 &* 31 &+ $1.value.tensor.checksum }
  }
}

extension BatchNorm2d {
  /// Normalizes by the statistics of all processes' samples; see `callAsFunction`.
  func normalized(_ x: Tensor, over processes: ProcessGroup) -> Tensor {
    let x = x.converted(to: .float32)
    let axes = [0, 2, 3]
    let shape = [1, x.shape[1], 1, 1]
    let ownCount = x.elementCount / x.shape[1]
    // The number of values travels along: the processes may have samples of different numbers.
    let sums = processes.sum(
      .concatenated(
        [
          x.sum(axes: axes).reshaped([-1]),
          .full(Double(ownCount), shape: [1], device: x.device),
        ], axis: 0))
    let count = sums.narrowed(axis: 0, shape[1]..<(shape[1] + 1))
    let mean = sums.narrowed(axis: 0, 0..<shape[1]) / count
    let centered = x - mean.reshaped(shape)
    let squares = processes.sum(centered.squared().sum(axes: axes).reshaped([-1]))
    let variance = squares / count
    withoutGradients {
      func update(_ running: Tensor, _ new: Tensor) {
        running.copyInPlace(from: running * (1 - momentum) + new.detached() * momentum)
      }
      update(runningMean.tensor, mean)
      update(runningVariance.tensor, squares / (count - 1))
    }
    let scaled = centered / (variance + eps).squareRoot().reshaped(shape)
    return scaled * weight.tensor.reshaped(shape) + bias.tensor.reshaped(shape)
  }
}
