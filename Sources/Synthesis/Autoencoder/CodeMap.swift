import Foundation

/// The plane of codes of two numbers, as a square of them: the first number grows to the right, the second upwards.
package struct CodeMap: Equatable {
  package enum Extent: Equatable {
    /// From the smallest of evenly spread quantiles of N(0, 1) to the largest, so that each code stands for as many
    /// random ones. Source: arXiv 1312.6114, appendix A.
    case quantiles
    /// Evenly from minus this to this.
    case reach(Double)
  }

  /// Codes on a side.
  package let side: Int
  private let places: [Double]

  /// Traps for a side below 2.
  package init(side: Int, extent: Extent) {
    precondition(side >= 2, "a map of \(side) codes on a side")
    self.side = side
    places = (0..<side).map { index in
      switch extent {
      case .quantiles: normalQuantile((Double(index) + 0.5) / Double(side))
      case .reach(let reach): reach * (2 * Double(index) / Double(side - 1) - 1)
      }
    }
  }

  package var count: Int { side * side }

  /// Row by row from the top left.
  package func code(at index: Int) -> [Float] {
    [Float(places[index % side]), Float(places[side - 1 - index / side])]
  }
}

/// The number that a draw from N(0, 1) is below with this probability, above 0 and below 1.
func normalQuantile(_ probability: Double) -> Double {
  // erfc has no inverse in the standard library; halving an interval 60 times leaves nothing of a double's digits.
  var (low, high) = (-40.0, 40.0)
  for _ in 0..<60 {
    let middle = (low + high) / 2
    if erfc(-middle / 2.0.squareRoot()) / 2 < probability { low = middle } else { high = middle }
  }
  return (low + high) / 2
}
