import Datasets
import Foundation
import Machine
import Torch
import Training
import Wording

/// The processes that a launcher has started for a run, this one among them.
struct RunGroup {
  private let launched: LaunchedProcesses?
  /// `nil` for a process alone.
  private(set) var processes: ProcessGroup?
  private let settings: ProcessGroup.Settings
  private let console: Console

  /// Reads what a launcher says, and lets only the first process write messages. Throws `UsageError`.
  init(
    _ variables: LaunchVariables, _ options: ProcessOptions, _ console: Console
  ) throws(UsageError) {
    do throws(LaunchError) {
      launched = try LaunchedProcesses(variables)
    } catch {
      throw UsageError(error.description)
    }
    var settings = ProcessGroup.Settings()
    settings.transport = options.backend
    settings.timeout = .seconds(options.timeout.count)
    settings.interface = variables["GLOO_SOCKET_IFNAME"]
    self.settings = settings
    self.console = console
    if let rank = launched?.rank, rank > 0 { console.speak(forRank: rank) }
  }

  private var count: Int { launched?.count ?? 1 }
  var isFirst: Bool { launched.map { $0.rank == 0 } ?? true }

  /// The processes of a machine share its cores, unless they were told how many threads to take.
  func chooseThreads(_ compute: inout ComputeOptions, given: Set<String>) {
    guard count > 1, !given.contains("threads") else { return }
    compute.threads = share(ofCores: availableCores())
  }

  /// Threads that read images, of one process.
  func workers(_ options: WorkerOptions) -> Int { options.workers ?? share(ofCores: options.count) }

  /// Memory for decoded images, of one process.
  func cache(_ size: CacheSize) -> CacheSize {
    guard count > 1, size == .automatic else { return size }
    return .gibibytes(Double(size.capacity) / 0x1p30 / Double(processesOfMachine))
  }

  private func share(ofCores cores: Int) -> Int {
    count == 1 || launched?.haveOwnCores == true ? cores : max(1, cores / processesOfMachine)
  }

  /// A batch has as many images for each process; one that is not given is made larger.
  func chooseBatchSize(
    _ options: inout some RunOptions, resumes: Bool, given: Set<String>
  ) throws(UsageError) {
    guard count > 1 else { return }
    let asked = options.configuration.batchSize
    guard asked % count != 0 else { return }
    if resumes || given.contains("batch-size") {
      throw UsageError(
        "--batch-size: \(asked) is not a multiple of \(count), the number of processes")
    }
    options.configuration.batchSize = (asked + count - 1) / count * count
    console.notice(
      "--batch-size: \(options.configuration.batchSize), for \(count) processes, instead of \(asked)"
    )
  }

  /// On a machine that is reached by a loopback address are all of them.
  private var processesOfMachine: Int {
    guard let launched else { return 1 }
    let isLocal = ["localhost", "::1"].contains(launched.host) || launched.host.hasPrefix("127.")
    return launched.localCount ?? (isLocal ? launched.count : 1)
  }

  /// The GPU of this process, where the machine has several and none is named.
  func device(_ compute: ComputeOptions) throws(UsageError) -> Device {
    try compute.prepareDevice(number: count > 1 ? launched?.localRank : nil)
  }

  /// Waits until all processes are there. Throws `TrainingFailure` if they do not come in time.
  mutating func join(on device: Device) throws {
    guard let launched, count > 1 else { return }
    do throws(LaunchError) {
      processes = try ProcessGroup(launched, settings, device: device)
    } catch {
      throw TrainingFailure(description: error.description)
    }
    console.notice("training on \(counted(count, "process", plural: "processes"))")
  }

  /// Whether the launcher has started the processes again after one of them had ended, and they had saved something.
  func goesOn(with folder: RunFolder) -> Bool {
    guard let launched else { return false }
    let own = [launched.restarts > 0, isFirst && folder.latestSnapshot != nil].map { $0 ? 1.0 : 0 }
    // torchrun counts restarts for each machine.
    let all = processes?.sum(own) ?? own
    return all.allSatisfy { $0 > 0 }
  }

  /// Options that each process may be given its own value of.
  private static let ownOptions: Set = [
    "device", "gpu-ids", "threads", "workers", "num-threads", "cache", "quiet", "checkpoints-dir",
  ]

  /// Throws `UsageError` where another process was given other options or has other images.
  func compare<Options: RunOptions>(_ options: Options) throws(UsageError) {
    guard let processes else { return }
    let values = Options.syntax.options.filter { !Self.ownOptions.contains($0.name) }
      .map { "--\($0.name)\u{0}\($0.text(options) ?? "none")" }
    let images =
      "names and sizes of the images\u{0}"
      + dataFingerprint(of: options.configuration.dataFolders)
    let own = (try? JSONEncoder().encode(values + [images])) ?? Data()
    let all = processes.exchange(own).map {
      (try? JSONDecoder().decode([String].self, from: $0)) ?? []
    }
    for rank in 1..<all.count {
      guard let (first, other) = zip(all[0], all[rank]).first(where: { $0 != $1 }) else { continue }
      let (name, value) = Self.parts(first)
      throw UsageError(
        "\(name): rank \(rank) has \(Self.parts(other).value), rank 0 has \(value)")
    }
  }

  private static func parts(_ line: String) -> (name: String, value: String) {
    let parts = line.split(separator: "\u{0}", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts[0]), String(parts[1]))
  }

  /// Tells the others why this process ends.
  func announce(_ error: any Error) {
    guard let processes, !(error is CancellationError) else { return }
    processes.announce("\(error)".split(separator: "\n").first.map(String.init) ?? "")
  }

  func makeEventFilter() -> EventFilter { EventFilter(isFirst: isFirst) }

  /// Lets the first process tell everything, and the others what goes wrong with their own samples.
  final class EventFilter {
    private let isFirst: Bool
    private var hasStarted = false

    init(isFirst: Bool) { self.isFirst = isFirst }

    func passes(_ event: TrainingEvent) -> Bool {
      if case .started = event { hasStarted = true }
      guard !isFirst else { return true }
      guard hasStarted, case .warning = event else { return false }
      return true
    }
  }
}
