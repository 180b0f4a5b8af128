import CTorch

/// A second network of the same make whose weights are a running mean of the first's, which makes steadier
/// images than any one step's weights. Source: arXiv 1806.04498, section 3.
package final class WeightAverage {
  package let network: any Module
  private let source: any Module
  private let decay: Double

  /// - Parameters:
  ///   - network: takes the averages; begins as a copy of `source`, whose device it has to be on.
  ///   - decay: what an average keeps of itself in a step, below 1; 0 makes it the latest weights.
  package init(_ network: any Module, of source: any Module, decay: Double) {
    self.network = network
    self.source = source
    self.decay = decay
    network.setRequiresGradient(false)
    copy()
  }

  /// The latest weights take the averages' place.
  package func copy() {
    for (average, value) in pairs { average.copyInPlace(from: value) }
  }

  /// Takes the latest weights into the averages, running statistics included.
  ///
  /// The first steps forget faster, (1 + step) / (10 + step), so that the averages soon leave the fresh
  /// weights behind. Source: `tf.train.ExponentialMovingAverage`, `num_updates`.
  /// - Parameter step: counted from 1.
  package func update(step: Int) {
    let decay = min(decay, Double(1 + step) / Double(10 + step))
    let floats = pairs.filter { $0.average.dtype == .float32 }
    withPointers(floats.map(\.average)) { averages in
      withPointers(floats.map(\.value)) { values in
        attemptOrFail("average weights") {
          ctorch_average_in_place(averages, values, Int32(floats.count), decay, $0)
        }
      }
    }
    // The number of batches seen.
    for (average, value) in pairs where average.dtype != .float32 {
      average.copyInPlace(from: value)
    }
  }

  private var pairs: [(average: Tensor, value: Tensor)] {
    zip(network.namedParameters(), source.namedParameters()).map {
      ($0.value.tensor, $1.value.tensor)
    }
  }
}
