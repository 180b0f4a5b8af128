import Foundation
import TestSupport
import Testing

@testable import Machine

/// Limits as control groups of both versions write them down, in files made by hand; cgroups(7).
struct ControlGroupTests {
  /// The groups of a process for which a system's files say what `files` does.
  private func withGroups(_ files: [String: String], _ check: (ControlGroups) -> Void) throws {
    try withTemporaryFolder { root in
      for (path, text) in files {
        let file = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      check(ControlGroups(root: root.path))
    }
  }

  @Test func aQuotaIsRoundedUpToWholeCores() throws {
    try withGroups([
      "proc/self/cgroup": "0::/\n",
      // 150 ms of processor time in each 100 ms: one and a half cores.
      "sys/fs/cgroup/cpu.max": "150000 100000\n",
    ]) { groups in
      #expect(groups.cores == 2)
      #expect(availableCores(in: groups) == min(2, ProcessInfo.processInfo.activeProcessorCount))
    }
  }

  @Test func lessThanOneCoreIsOne() throws {
    try withGroups([
      "proc/self/cgroup": "0::/\n",
      "sys/fs/cgroup/cpu.max": "20000 100000\n",
    ]) { groups in
      #expect(availableCores(in: groups) == 1)
    }
  }

  @Test func theTightestOfTheGroupsAroundCounts() throws {
    try withGroups([
      "proc/self/cgroup": "0::/system.slice/job\n",
      "sys/fs/cgroup/system.slice/job/cpu.max": "max 100000\n",
      "sys/fs/cgroup/system.slice/cpu.max": "300000 100000\n",
      "sys/fs/cgroup/cpu.max": "800000 100000\n",
    ]) { groups in
      #expect(groups.cores == 3)
    }
  }

  @Test func versionOneHasAFileForEachNumber() throws {
    try withGroups([
      "proc/self/cgroup": "4:cpu,cpuacct:/docker/12\n3:memory:/docker/12\n",
      // Inside a container the group's own folder is the tree's top.
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000\n",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "1000\n",
      "sys/fs/cgroup/memory/memory.usage_in_bytes": "400\n",
      "sys/fs/cgroup/memory/memory.stat": "cache 90\ntotal_inactive_file 50\n",
    ]) { groups in
      #expect(groups.cores == 2)
      #expect(groups.memoryLeft == 650)
    }
  }

  @Test func withoutLimitsThereAreNone() throws {
    try withGroups([
      "proc/self/cgroup": "0::/\n4:cpu,cpuacct:/\n",
      "sys/fs/cgroup/cpu.max": "max 100000\n",
      "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      "sys/fs/cgroup/memory.max": "max\n",
    ]) { groups in
      #expect(groups.cores == nil)
      #expect(groups.memoryLeft == nil)
    }
  }

  @Test func filesThatMakeNoSenseLimitNothing() throws {
    try withGroups([
      "proc/self/cgroup": "0::/\nrubbish\n",
      "sys/fs/cgroup/cpu.max": "0 0\n",
    ]) { groups in
      #expect(groups.cores == nil)
      #expect(availableCores(in: groups) >= 1)
    }
  }
}
