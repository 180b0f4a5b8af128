import Foundation

/// Bytes that this process may still take: what the machine has left, or less where a control group
/// (`docker run --memory`, systemd) or `ulimit -v` limits it. `nil` where the system does not tell.
package func availableMemory() -> Int? {
  let limits = [machineMemory(), ControlGroups().memoryLeft, addressSpaceLeft()].compactMap { $0 }
  return limits.min()
}

/// Whether so many bytes can be had and filled: the system grants more than it has.
///
/// - Parameter available: as `availableMemory` tells.
package func memorySuffices(forBytes count: Int, available: Int? = availableMemory()) -> Bool {
  count <= available ?? .max && memoryIsAvailable(byteCount: count)
}

/// Whether an array of `byteCount` can be had. Swift's arrays trap where the system refuses.
package func memoryIsAvailable(byteCount: Int) -> Bool {
  guard let probe = malloc(max(1, byteCount)) else { return false }
  free(probe)
  return true
}

/// The kernel's own estimate of what can be had without swapping; proc(5), `MemAvailable`.
private func machineMemory() -> Int? {
  numberOfKilobytes("MemAvailable:", in: "/proc/meminfo")
}

/// The limit of the address space less what is in use of it.
private func addressSpaceLeft() -> Int? {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < Int.max,
    let used = numberOfKilobytes("VmSize:", in: "/proc/self/status")
  else { return nil }
  return max(Int(limit.rlim_cur) - used, 0)
}

private func numberOfKilobytes(_ name: String, in file: String) -> Int? {
  firstNumber(after: name, in: file).map { $0 * 1024 }
}

/// The number behind a word that begins a line.
func firstNumber(after name: String, in file: String) -> Int? {
  guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
  for line in text.split(separator: "\n") {
    let words = line.split(whereSeparator: \.isWhitespace)
    if words.count >= 2, words[0] == name { return Int(words[1]) }
  }
  return nil
}
