import CTorch

/// A second network of the same make whose weights are a running mean of the first's, which makes steadier
/// images than any one step's weights. Source: arXiv 1806.04498, section 3.
package final class WeightAverage {
  package let network: any Module
  private let source: any Module
  private let memory: Memory
  /// Of both networks. Walking their trees for the names costs more than the averages of small ones.
  private let parameters: [(Parameter, Parameter)]

  /// How far back an average reaches.
  package enum Memory: Sendable, Equatable {
    /// It keeps so much of itself in each step, below 1; 0 makes it the latest weights.
    ///
    /// The first steps forget faster, (1 + step) / (10 + step), so that the averages soon leave the fresh
    /// weights behind. Source: `tf.train.ExponentialMovingAverage`, `num_updates`.
    case decay(Double)
    /// It reaches back over this share of the steps done, above 0 and at most 1: in step t it keeps
    /// 1 - 1 / (share t) of itself, and nothing where that is below 0.
    ///
    /// The weights of step s then count in step t about as (s / t)^(1 / share - 1): however long a run goes on,
    /// what it began with is forgotten, and nobody has to know where it will end. Source: the power function
    /// averages of arXiv 2312.02696, section 3.1, whose gamma is about 1 / share - 1.
    case window(Double)

    /// What an average keeps of itself in a step, counted from 1.
    func kept(inStep step: Int) -> Double {
      switch self {
      case .decay(let decay): min(decay, Double(1 + step) / Double(10 + step))
      case .window(let share): max(0, 1 - 1 / (share * Double(step)))
      }
    }
  }

  /// - Parameter network: takes the averages; begins as a copy of `source`, whose device it has to be on.
  package init(_ network: any Module, of source: any Module, reaching memory: Memory) {
    self.network = network
    self.source = source
    self.memory = memory
    parameters = Array(
      zip(network.namedParameters().map(\.value), source.namedParameters().map(\.value)))
    network.setRequiresGradient(false)
    copy()
  }

  /// The latest weights take the averages' place.
  package func copy() {
    for (average, value) in pairs { average.copyInPlace(from: value) }
  }

  /// Takes the latest weights into the averages, running statistics included.
  /// - Parameter step: counted from 1.
  package func update(step: Int) {
    let decay = memory.kept(inStep: step)
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
    parameters.map { ($0.tensor, $1.tensor) }
  }
}
