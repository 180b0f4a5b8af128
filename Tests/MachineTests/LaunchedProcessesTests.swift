import Testing

@testable import Machine

/// What launchers say about a process and those beside it.
struct LaunchedProcessesTests {
  private static let torchrun = [
    "RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "node1", "MASTER_PORT": "29501",
  ]
  private static let slurm = [
    "SLURM_PROCID": "1", "SLURM_NTASKS": "4", "SLURM_LOCALID": "1",
    "SLURM_JOB_NODELIST": "node[07-09,12],login1",
  ]

  private func launched(_ variables: [String: String]) throws -> LaunchedProcesses? {
    try LaunchedProcesses(LaunchVariables(variables))
  }

  @Test func torchrunSaysEverything() throws {
    var expected = LaunchedProcesses(rank: 3, count: 4)
    (expected.localRank, expected.localCount) = (1, 2)
    (expected.host, expected.port) = ("node1", 29501)
    #expect(try launched(Self.torchrun) == expected)
    expected.storeIsLaunchers = true
    expected.restarts = 2
    let more = ["TORCHELASTIC_USE_AGENT_STORE": "True", "TORCHELASTIC_RESTART_COUNT": "2"]
    #expect(try launched(Self.torchrun.merging(more) { $1 }) == expected)
  }

  @Test func slurmNamesTheFirstHost() throws {
    var expected = LaunchedProcesses(rank: 1, count: 4)
    expected.localRank = 1
    expected.haveOwnCores = true
    (expected.host, expected.port) = ("node07", 29500)
    #expect(try launched(Self.slurm) == expected)
    // 20000 and the job's last four digits.
    expected.port = 24567
    let job = ["SLURM_JOB_ID": "1234567"]
    #expect(try launched(Self.slurm.merging(job) { $1 }) == expected)
    (expected.host, expected.port) = ("other", 7)
    expected.localCount = 8
    let master = [
      "MASTER_ADDR": "other", "MASTER_PORT": "7", "SLURM_STEP_TASKS_PER_NODE": "8(x2),4",
    ]
    #expect(try launched(Self.slurm.merging(master) { $1 }) == expected)
  }

  @Test func noLauncherSaysNothing() throws {
    #expect(try launched([:]) == nil)
    #expect(try launched(["MASTER_ADDR": "a", "SLURM_NTASKS": "4", "LOCAL_RANK": "1"]) == nil)
  }

  /// Nobody is met, so that no address is needed.
  @Test func oneProcessIsNoGroup() throws {
    let one = try launched(["RANK": "0", "WORLD_SIZE": "1"])
    #expect(one == LaunchedProcesses(rank: 0, count: 1))
    #expect(try launched(["SLURM_PROCID": "0", "SLURM_NTASKS": "1"])?.count == 1)
  }

  @Test(arguments: [
    (["RANK": "0"], "RANK is set, but WORLD_SIZE is not"),
    (["WORLD_SIZE": "2"], "WORLD_SIZE is set, but RANK is not"),
    (["RANK": "2", "WORLD_SIZE": "2"], "RANK: 2 is outside of WORLD_SIZE, which is 2"),
    (["RANK": "-1", "WORLD_SIZE": "2"], "RANK: '-1' is not a number from 0 on"),
    (["RANK": "0", "WORLD_SIZE": "0"], "WORLD_SIZE: '0' is not a number from 1 on"),
    (["RANK": "0", "WORLD_SIZE": "2"], "WORLD_SIZE is 2, but MASTER_ADDR is not set"),
    (
      ["RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "a"],
      "WORLD_SIZE is 2, but MASTER_PORT is not set"
    ),
    (
      ["RANK": "0", "WORLD_SIZE": "2", "MASTER_ADDR": "a", "MASTER_PORT": "99999"],
      "MASTER_PORT: 99999 is above 65535"
    ),
    (
      torchrun.merging(["LOCAL_RANK": "2"]) { $1 },
      "LOCAL_RANK: 2 is outside of LOCAL_WORLD_SIZE, which is 2"
    ),
    (["SLURM_PROCID": "1"], "SLURM_PROCID is set, but SLURM_NTASKS is not"),
    (
      ["SLURM_PROCID": "4", "SLURM_NTASKS": "4"],
      "SLURM_PROCID: 4 is outside of SLURM_NTASKS, which is 4"
    ),
    (
      ["SLURM_PROCID": "1", "SLURM_NTASKS": "4"],
      "SLURM_NTASKS is 4, but neither SLURM_JOB_NODELIST nor MASTER_ADDR is set"
    ),
    (
      slurm.merging(["SLURM_JOB_NODELIST": "node[07"]) { $1 },
      "SLURM_JOB_NODELIST: 'node[07' begins with no host"
    ),
  ])
  func whatDoesNotFitIsNamed(variables: [String: String], message: String) {
    let error = #expect(throws: LaunchError.self) { try launched(variables) }
    #expect(error?.description == message)
  }

  /// The forms that Slurm's hostlists have.
  @Test(arguments: [
    ("a", "a"), ("a,b", "a"), ("a[1-3]", "a1"), ("a[01,03-05],b", "a01"), ("a[3-5]-ib", "a3-ib"),
    ("r[2-3]n[07-09]", "r2n07"),
  ])
  func firstHosts(nodes: String, host: String) {
    #expect(LaunchedProcesses.firstHost(of: nodes) == host)
  }

  @Test(arguments: ["", ",a", "a[", "a[]", "a[-3]"]) func listsWithoutOne(nodes: String) {
    #expect(LaunchedProcesses.firstHost(of: nodes) == nil)
  }
}
