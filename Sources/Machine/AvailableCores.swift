import Foundation

/// Cores that this process may use: those of the machine, or fewer where its affinity mask (`taskset`, Slurm) or a
/// control group's quota (`docker run --cpus`, systemd) says so. At least 1.
package func availableCores() -> Int {
  availableCores(in: ControlGroups())
}

func availableCores(in groups: ControlGroups) -> Int {
  let limits = [coresOfAffinityMask(root: groups.root), groups.cores].compactMap { $0 }
  return max(1, ([ProcessInfo.processInfo.activeProcessorCount] + limits).min() ?? 1)
}

/// Cores that the process may run on, of the mask in proc(5)'s `status`; some may not be there, and Foundation counts
/// all that are. `nil` where there is no mask, and where OpenMP binds the main thread, whose mask this is, to a core of
/// its own.
private func coresOfAffinityMask(root: String) -> Int? {
  let environment = ProcessInfo.processInfo.environment
  let binding = ["OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY"]
  guard binding.allSatisfy({ environment[$0] == nil }),
    let status = try? String(contentsOfFile: root + "/proc/self/status", encoding: .utf8)
  else { return nil }
  let field = "Cpus_allowed:"
  let line = status.split(separator: "\n").first { $0.hasPrefix(field) }
  // Hexadecimal digits, with a comma after each 32 bits.
  return line?.dropFirst(field.count).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
}
