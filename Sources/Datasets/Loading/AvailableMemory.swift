import Files
import Foundation
import Imaging

/// Bytes that this process may still take: what the machine has left, or less where a control group
/// (`docker run --memory`, systemd) or `ulimit -v` limits it. `nil` where the system does not tell.
package func availableMemory() -> Int? {
  let limits = [machineMemory(), controlGroupMemory(), addressSpaceLeft()].compactMap { $0 }
  return limits.min()
}

/// Whether so many bytes can be had and filled: the system grants more than it has.
///
/// - Parameter available: as `availableMemory` tells.
func memorySuffices(forBytes count: Int, available: Int? = availableMemory()) -> Bool {
  count <= available ?? .max && memoryIsAvailable(byteCount: count)
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

/// The smallest room left in the process's control groups and those around them; cgroups(7).
private func controlGroupMemory() -> Int? {
  guard let text = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8) else {
    return nil
  }
  var room: Int?
  for line in text.split(separator: "\n") {
    // "0::/path" for version 2, "7:cpu,memory:/path" for version 1.
    let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { continue }
    let isVersion2 = parts[1].isEmpty
    guard isVersion2 || parts[1].split(separator: ",").contains("memory") else { continue }
    let files = isVersion2 ? ControlGroupFiles.version2 : .version1
    for folder in foldersUpwards(from: files.root, String(parts[2])) {
      guard let left = files.room(in: folder) else { continue }
      room = min(room ?? left, left)
    }
  }
  return room
}

/// `root/a/b`, `root/a` and `root` for the path `/a/b`; inside a container only the last may exist.
private func foldersUpwards(from root: String, _ path: String) -> [String] {
  let parts = path.split(separator: "/")
  return (0...parts.count).map { count in
    ([root] + parts.prefix(count).map(String.init)).joined(separator: "/")
  }
}

/// Where a version of control groups keeps its numbers.
private struct ControlGroupFiles {
  let root: String
  let limit: String
  let usage: String
  /// In `memory.stat`: cached files, which the kernel gives up first.
  let reclaimable: String

  static let version2 = ControlGroupFiles(
    root: "/sys/fs/cgroup", limit: "memory.max", usage: "memory.current",
    reclaimable: "inactive_file")
  static let version1 = ControlGroupFiles(
    root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes", reclaimable: "total_inactive_file")

  /// `nil` where there is no limit.
  func room(in folder: String) -> Int? {
    func number(_ name: String) -> Int? {
      (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)).flatMap {
        Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
      }
    }
    // Version 1 says "no limit" by a number near the largest.
    guard let limit = number(limit), limit < 1 << 60, let used = number(usage) else { return nil }
    let cached = firstNumber(after: reclaimable, in: "\(folder)/memory.stat") ?? 0
    return max(limit - used + cached, 0)
  }
}

private func numberOfKilobytes(_ name: String, in file: String) -> Int? {
  firstNumber(after: name, in: file).map { $0 * 1024 }
}

/// The number behind a word that begins a line.
private func firstNumber(after name: String, in file: String) -> Int? {
  guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
  for line in text.split(separator: "\n") {
    let words = line.split(whereSeparator: \.isWhitespace)
    if words.count >= 2, words[0] == name { return Int(words[1]) }
  }
  return nil
}
