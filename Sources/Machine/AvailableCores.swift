import Foundation

/// Cores that this process may use: those of the machine, or fewer where its affinity mask (`taskset`, Slurm) or a
/// control group's quota (`docker run --cpus`, systemd) says so. At least 1.
package func availableCores() -> Int {
  availableCores(in: ControlGroups())
}

func availableCores(in groups: ControlGroups) -> Int {
  // Foundation looks at the affinity mask.
  return max(1, min(ProcessInfo.processInfo.activeProcessorCount, groups.cores ?? .max))
}
