import CTorch
import Foundation
import Machine
import TestSupport
import Testing

@testable import Torch

/// Operations of several processes, here threads. What becomes of those whose peers end is for Tests/Distributed.
@Suite(.serialized) struct ProcessGroupTests {
  /// 1 + 2 + 3 and 10 times as much; the second tensor is larger than a bucket.
  @Test func tensorsAreAddedUp() throws {
    let sums = try onProcesses(3) { group in
      let factor = Double(group.rank + 1)
      let small = Tensor.full(factor, shape: [2, 3])
      let large = Tensor.full(10 * factor, shape: [3, 3_000_000])
      let other = Tensor.full(100 * factor, shape: [])
      group.sum([small, large, other])
      return [small, large, other].map { tensor in
        [tensor.elements.min()!, tensor.elements.max()!]
      }
    }
    #expect(sums.allSatisfy { $0 == [[6, 6], [60, 60], [600, 600]] })
  }

  @Test func numbersAndBytesAreExchanged() throws {
    let found = try onProcesses(3) { group in
      let own = Data(repeating: UInt8(group.rank), count: [5, 0, 70_000][group.rank])
      return (group.sum([1, Double(group.rank)]), group.exchange(own))
    }
    for (numbers, bytes) in found {
      #expect(numbers == [3, 3])
      #expect(bytes.map(\.count) == [5, 0, 70_000])
      #expect(bytes[0] == Data(repeating: 0, count: 5))
      #expect(bytes[2].allSatisfy { $0 == 2 })
    }
  }

  /// L_r = c_r s with s = x_0 + x_1: dL/dx_r is c_0 + c_1 = 5 in both.
  @Test func sumsLetGradientsFlowFromAll() throws {
    let gradients = try onProcesses(2) { group in
      let x = Tensor.full(Double(group.rank + 1), shape: [2]).requiringGradient()
      let sum: Tensor = group.sum(x)
      #expect(sum.elements == [3, 3])
      (sum.sum() * [2, 3][group.rank]).backward()
      return x.gradient!.elements
    }
    #expect(gradients == [[5, 5], [5, 5]])
  }

  /// Batch norm over two processes with 1 and 3 samples is batch norm over the 4: values, gradients and running
  /// statistics.
  @Test func synchronizedBatchNormIsThatOfTheWholeBatch() throws {
    let shape = [4, 2, 3, 3]
    let values = Tensor.normal(shape: shape, seed: 1).elements
    let slopes = Tensor.normal(shape: shape, seed: 2).elements
    @Sendable func pass(_ rows: Range<Int>, _ group: ProcessGroup?) -> [[Float]] {
      let norm = BatchNorm2d(channels: 2)
      norm.initializeOwnParameters(.normal(gain: 0.5), seed: 3)
      norm.synchronizeBatchNorm(over: group)
      let x = Tensor(values, shape: shape).narrowed(axis: 0, rows).contiguous().requiringGradient()
      let y = norm(x, .training)
      (y * Tensor(slopes, shape: shape).narrowed(axis: 0, rows)).sum().backward()
      return [y, x.gradient!, norm.runningMean.tensor, norm.runningVariance.tensor].map(\.elements)
    }
    let whole = pass(0..<4, nil)
    let parts = try onProcesses(2) { group in pass([0..<1, 1..<4][group.rank], group) }
    // The order in which floats are added differs.
    for index in 0..<2 {
      let together = parts[0][index] + parts[1][index]
      #expect(zip(together, whole[index]).allSatisfy { abs($0 - $1) < 1e-5 })
    }
    for index in 2..<4 {
      #expect(parts[0][index] == parts[1][index])
      #expect(zip(parts[0][index], whole[index]).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  @Test func rowsAreGatheredInTheOrderOfTheSamples() throws {
    let gathered = try onProcesses(3) { group in
      // The third process's row is not its own.
      let parts = BatchPart.parts(of: 2, rank: group.rank, processes: 3)
      let rows = parts.map { Tensor.full(Double($0.samples.lowerBound + 1), shape: [1, 2]) }
      return parts.gathered(rows, over: group).elements
    }
    #expect(gathered.allSatisfy { $0 == [1, 1, 2, 2] })
  }

  @Test func aMasterThatDoesNotAnswerIsNamed() throws {
    var launched = LaunchedProcesses(rank: 1, count: 2)
    (launched.host, launched.port) = ("127.0.0.1", freePort())
    var settings = ProcessGroup.Settings()
    settings.timeout = .seconds(2)
    let error = #expect(throws: LaunchError.self) {
      _ = try ProcessGroup(launched, settings, device: .cpu)
    }
    #expect(
      error?.description.hasPrefix("2 processes at 127.0.0.1:\(launched.port), within 2.0 s: ")
        == true)
  }

  @Test func aPortInUseIsNamed() throws {
    let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, length)
        _ = getsockname(descriptor, $0, &length)
      }
    }
    listen(descriptor, 1)
    var launched = LaunchedProcesses(rank: 0, count: 2)
    (launched.host, launched.port) = ("127.0.0.1", Int(UInt16(bigEndian: address.sin6_port)))
    var settings = ProcessGroup.Settings()
    settings.timeout = .seconds(2)
    let error = #expect(throws: LaunchError.self) {
      _ = try ProcessGroup(launched, settings, device: .cpu)
    }
    #expect(error?.description.lowercased().contains("address already in use") == true)
    #expect(error?.description.contains(":\(launched.port)") == true)
  }

  @Test func theLibrarysWordsAreCutShort() {
    #expect(
      ProcessGroup.brief(
        "[../third_party/gloo/transport/tcp/pair.cc:598] Connection closed by peer [10.0.0.2]:5. This is "
          + "typically caused by a remote worker crashing\nmore")
        == "Connection closed by peer [10.0.0.2]:5")
    #expect(ProcessGroup.brief("Socket Timeout") == "Socket Timeout")
  }
}
