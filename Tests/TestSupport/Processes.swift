import Foundation
import Machine
import Synchronization
import Torch

/// Runs `body` as so many processes that train together, each a thread of this one, and returns what they
/// return, by rank.
///
/// Random draws of libtorch's own generators are not for them: there is one for all threads.
package func onProcesses<Result: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (ProcessGroup) throws -> Result
) throws -> [Result] {
  let port = freePort()
  let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
  let finished = DispatchGroup()
  for rank in 0..<count {
    finished.enter()
    Thread.detachNewThread {
      let result = Swift.Result {
        var launched = LaunchedProcesses(rank: rank, count: count)
        (launched.host, launched.port) = ("127.0.0.1", port)
        var settings = ProcessGroup.Settings()
        settings.timeout = .seconds(60)
        let group = try ProcessGroup(launched, settings, device: .cpu)
        let result = try body(group)
        group.meet()
        return result
      }
      results.withLock { $0[rank] = result }
      finished.leave()
    }
  }
  finished.wait()
  return try (0..<count).map { rank in try results.withLock { $0[rank]! }.get() }
}

/// A port that nobody listens at.
package func freePort() -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      _ = bind(descriptor, $0, length)
      _ = getsockname(descriptor, $0, &length)
    }
  }
  return Int(UInt16(bigEndian: address.sin_port))
}
