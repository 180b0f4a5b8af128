import Foundation
import Testing

@testable import Training

struct LossMeansTests {
  @Test func meansOverTheStepsThatWereAdded() {
    var losses = LossMeans()
    losses.add([("G", 1), ("D", 10)])
    losses.add([("G", 2), ("D", 30)])
    let means = losses.means(of: [("D", 30), ("G", 2)])
    #expect(means.map(\.name) == ["D", "G"])
    #expect(means.map(\.value) == [20, 1.5])
  }

  /// A run that is stopped between two lines goes on with the same sums.
  @Test func survivesAFile() throws {
    var losses = LossMeans()
    losses.add([("G", 0.1), ("D", 1.0 / 3)])
    let read = try JSONDecoder().decode(LossMeans.self, from: JSONEncoder().encode(losses))
    #expect(read == losses)
    #expect(read.isPossible)
  }
}
