import Foundation

/// The control groups that this process is in, by which containers and service managers limit it; cgroups(7).
///
/// A limit may be set in any of a process's groups and in those around it.
struct ControlGroups {
  /// Stands before every path; not empty in tests.
  var root = ""

  /// Bytes that may still be taken; `nil` without a limit.
  var memoryLeft: Int? {
    let version1 = folders(of: "memory", at: ["memory"]).compactMap { folder in
      // Version 1 says "no limit" by a number near the largest.
      room(
        in: folder, limit: "memory.limit_in_bytes", used: "memory.usage_in_bytes",
        reclaimable: "total_inactive_file", largest: 1 << 60)
    }
    let version2 = foldersOfVersion2.compactMap { folder in
      room(
        in: folder, limit: "memory.max", used: "memory.current", reclaimable: "inactive_file",
        largest: .max)
    }
    return (version1 + version2).min()
  }

  /// Cores whose time may be used, rounded up; `nil` without a limit.
  var cores: Int? {
    let version1 = folders(of: "cpu", at: ["cpu", "cpu,cpuacct"]).compactMap { folder in
      Self.cores(
        quota: numbers("cpu.cfs_quota_us", in: folder).first,
        period: numbers("cpu.cfs_period_us", in: folder).first)
    }
    let version2 = foldersOfVersion2.compactMap { folder in
      // "200000 100000", or "max 100000" without a limit.
      let line = numbers("cpu.max", in: folder)
      return line.count == 2 ? Self.cores(quota: line[0], period: line[1]) : nil
    }
    return (version1 + version2).min()
  }

  /// Microseconds of processor time in each period; a negative quota is no limit.
  private static func cores(quota: Int?, period: Int?) -> Int? {
    guard let quota, let period, quota > 0, period > 0 else { return nil }
    return (quota - 1) / period + 1
  }

  /// - Parameters:
  ///   - reclaimable: in `memory.stat`, cached files, which the kernel gives up first.
  ///   - largest: a limit from here on is none.
  private func room(
    in folder: String, limit: String, used: String, reclaimable: String, largest: Int
  ) -> Int? {
    guard let limit = numbers(limit, in: folder).first, limit < largest,
      let used = numbers(used, in: folder).first
    else { return nil }
    let cached = firstNumber(after: reclaimable, in: "\(folder)/memory.stat") ?? 0
    return max(limit - used + cached, 0)
  }

  /// The whole numbers on the first line of a file.
  private func numbers(_ name: String, in folder: String) -> [Int] {
    let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    return (text ?? "").split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
  }

  private var foldersOfVersion2: [String] {
    paths { $0.isEmpty }.flatMap { foldersUpwards(from: "\(root)/sys/fs/cgroup", $0) }
  }

  /// Version 1 has a tree for each controller.
  private func folders(of controller: String, at trees: [String]) -> [String] {
    paths { $0.split(separator: ",").contains(Substring(controller)) }.flatMap { path in
      trees.flatMap { foldersUpwards(from: "\(root)/sys/fs/cgroup/\($0)", path) }
    }
  }

  /// This process's groups for the controllers that are meant. A line of `/proc/self/cgroup` is "0::/path" for
  /// version 2, "7:cpu,memory:/path" for version 1.
  private func paths(where controllers: (Substring) -> Bool) -> [String] {
    let text = try? String(contentsOfFile: "\(root)/proc/self/cgroup", encoding: .utf8)
    return (text ?? "").split(separator: "\n").compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      return parts.count == 3 && controllers(parts[1]) ? String(parts[2]) : nil
    }
  }

  /// `top/a/b`, `top/a` and `top` for the path `/a/b`; inside a container only the last may exist.
  private func foldersUpwards(from top: String, _ path: String) -> [String] {
    let parts = path.split(separator: "/")
    return (0...parts.count).map { count in
      ([top] + parts.prefix(count).map(String.init)).joined(separator: "/")
    }
  }
}
