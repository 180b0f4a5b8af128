/// The processes that a launcher has started together, and this one among them: torchrun and whoever sets the same
/// variables, or Slurm's `srun`.
package struct LaunchedProcesses: Sendable, Equatable {
  /// From 0 on.
  package var rank: Int
  package var count: Int
  /// The same among those on this machine; `nil` if the launcher does not say.
  package var localRank: Int?
  package var localCount: Int?
  /// Whether the launcher gives each process cores of its own.
  package var haveOwnCores = false
  /// Where they meet; the host is empty for one process, which meets nobody.
  package var host = ""
  package var port = Self.defaultPort
  /// Whether the launcher has opened the store that they meet at.
  package var storeIsLaunchers = false
  /// How often the launcher has started them again.
  package var restarts = 0

  /// What PyTorch takes.
  private static let defaultPort = 29500

  package init(rank: Int, count: Int) {
    (self.rank, self.count) = (rank, count)
  }

  /// `nil` where no launcher has set its variables. Throws where they do not fit one another.
  package init?(_ variables: LaunchVariables) throws(LaunchError) {
    if let (rank, count) = try variables.pair("RANK", "WORLD_SIZE") {
      try self.init(rank, "RANK", of: count, "WORLD_SIZE")
      try readTorchrun(variables)
    } else if variables["SLURM_PROCID"] != nil,
      let (rank, count) = try variables.pair("SLURM_PROCID", "SLURM_NTASKS")
    {
      try self.init(rank, "SLURM_PROCID", of: count, "SLURM_NTASKS")
      try readSlurm(variables)
    } else {
      return nil
    }
  }

  private init(_ rank: Int, _ name: String, of count: Int, _ countName: String) throws(LaunchError)
  {
    guard rank < count else {
      throw LaunchError("\(name): \(rank) is outside of \(countName), which is \(count)")
    }
    self.init(rank: rank, count: count)
  }

  private mutating func readTorchrun(_ variables: LaunchVariables) throws(LaunchError) {
    localRank = try variables.number("LOCAL_RANK")
    localCount = try variables.number("LOCAL_WORLD_SIZE", in: 1...count)
    if let localRank, let localCount, localRank >= localCount {
      throw LaunchError(
        "LOCAL_RANK: \(localRank) is outside of LOCAL_WORLD_SIZE, which is \(localCount)")
    }
    restarts = try variables.number("TORCHELASTIC_RESTART_COUNT") ?? 0
    storeIsLaunchers = variables["TORCHELASTIC_USE_AGENT_STORE"] == "True"
    if count == 1 { return }
    guard let host = variables["MASTER_ADDR"] else {
      throw LaunchError("WORLD_SIZE is \(count), but MASTER_ADDR is not set")
    }
    guard let port = try Self.port(variables) else {
      throw LaunchError("WORLD_SIZE is \(count), but MASTER_PORT is not set")
    }
    (self.host, self.port) = (host, port)
  }

  private mutating func readSlurm(_ variables: LaunchVariables) throws(LaunchError) {
    localRank = try variables.number("SLURM_LOCALID")
    haveOwnCores = true
    // "8(x2),4": that of the first machines, which is close enough for the others.
    localCount = variables["SLURM_STEP_TASKS_PER_NODE"].flatMap { Int($0.prefix { $0.isNumber }) }
    restarts = try variables.number("SLURM_RESTART_COUNT") ?? 0
    if count == 1 { return }
    if let host = variables["MASTER_ADDR"] {
      self.host = host
    } else if let nodes = variables["SLURM_JOB_NODELIST"] {
      guard let first = Self.firstHost(of: nodes) else {
        throw LaunchError("SLURM_JOB_NODELIST: '\(nodes)' begins with no host")
      }
      host = first
    } else {
      throw LaunchError(
        "SLURM_NTASKS is \(count), but neither SLURM_JOB_NODELIST nor MASTER_ADDR is set")
    }
    // Jobs that share a machine have to meet at different ports.
    let job = try variables.number("SLURM_JOB_ID")
    port = try Self.port(variables) ?? job.map { 20_000 + $0 % 10_000 } ?? Self.defaultPort
  }

  private static func port(_ variables: LaunchVariables) throws(LaunchError) -> Int? {
    guard let port = try variables.number("MASTER_PORT", in: 1...1_000_000_000) else { return nil }
    guard port <= UInt16.max else { throw LaunchError("MASTER_PORT: \(port) is above 65535") }
    return port
  }

  /// "node07" of "node[07-09,12],login1"; `nil` for a list that is none.
  static func firstHost(of nodes: String) -> String? {
    var host = ""
    var rest = nodes[...]
    while let next = rest.first, next != "," {
      rest.removeFirst()
      guard next == "[" else {
        host.append(next)
        continue
      }
      guard let end = rest.firstIndex(of: "]") else { return nil }
      let first = rest[..<end].prefix { $0 != "," && $0 != "-" }
      if first.isEmpty { return nil }
      host += first
      rest = rest[rest.index(after: end)...]
    }
    return host.isEmpty ? nil : host
  }
}
