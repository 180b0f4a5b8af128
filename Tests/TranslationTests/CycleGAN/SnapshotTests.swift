import Files
import Foundation
import TestSupport
import Testing
import Torch

@testable import Training
@testable import Translation

/// Snapshots are whole or not there, and what is wrong with one is said.
struct SnapshotTests {
  private static let files = [
    "net_D_A.safetensors", "net_D_B.safetensors", "net_G_A.safetensors", "net_G_B.safetensors",
    "training.json", "training.safetensors",
  ]

  @Test func aSnapshotHasItsFilesAndLatestPointsToIt() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 7)
      #expect(try run.snapshotNames() == ["epoch-0001", "step-0000007"])
      for name in try run.snapshotNames() {
        let folder = run.folder.snapshots.appendingPathComponent(name)
        let found = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(found == Self.files)
      }
      let destination = try FileManager.default.destinationOfSymbolicLink(
        atPath: run.folder.latest.path)
      #expect(destination == "snapshots/step-0000007")
      // Names that start with a dot are temporary.
      let left = try FileManager.default.contentsOfDirectory(atPath: run.folder.url.path)
      #expect(left.filter { $0.hasPrefix(".") } == [])
    }
  }

  @Test func tensorsHaveTheReferencesNames() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 4)
      func names(_ file: String) throws -> [String] {
        let url = run.folder.latest.appendingPathComponent(file)
        return try SafeTensors.read(from: url).tensors.map(\.name)
      }
      let generator = run.configuration.networks.generatorAB.makeGenerator()
      #expect(
        try names("net_G_A.safetensors").sorted() == generator.stateDict.map(\.name).sorted())
      let training = try names("training.safetensors")
      #expect(Set(training.map { $0.split(separator: ".")[0] }) == ["adam", "pool"])
      // Three fakes of each domain fill the pools.
      let pools = training.filter { $0.hasPrefix("pool.") }
      #expect(pools == ["pool.A.0", "pool.A.1", "pool.A.2", "pool.B.0", "pool.B.1", "pool.B.2"])
    }
  }

  /// Where the snapshots' folder has become a file, nothing can be written in it.
  @Test func aSnapshotThatCannotBeWrittenLeavesNothingBehind() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 3)
      let trainer = CycleGANTrainer(configuration: run.configuration, device: .cpu)
      let progress = TrainingProgress(
        seed: 0,
        schedule: LearningRateSchedule(policy: .linear, constantEpochs: 1, decayEpochs: 1))
      let aside = root.appendingPathComponent("aside")
      try FileManager.default.moveItem(at: run.folder.snapshots, to: aside)
      try Data("in the way".utf8).write(to: run.folder.snapshots)
      let error = #expect(throws: FileError.self) {
        try Snapshot.save(trainer, progress, named: "epoch-0009", in: run.folder)
      }
      #expect(error?.path.hasPrefix(run.folder.snapshots.path) == true)
      #expect(try Data(contentsOf: run.folder.snapshots) == Data("in the way".utf8))
      try FileManager.default.removeItem(at: run.folder.snapshots)
      try FileManager.default.moveItem(at: aside, to: run.folder.snapshots)
      #expect(try run.snapshotNames() == ["step-0000003"])
      #expect(try run.train(resuming: true) == .finished)
    }
  }

  /// A folder with files of somebody's own is not replaced by a link: the new snapshot is whole, `latest` stays.
  @Test func whereLatestCannotBeReplacedNoTemporaryLinkStays() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      let error = #expect(throws: FileError.self) {
        try run.train(stoppingAfter: 1) { event in
          guard case .started = event else { return }
          try? FileManager.default.createDirectory(
            at: run.folder.latest, withIntermediateDirectories: true)
          try? Data().write(to: run.folder.latest.appendingPathComponent("notes"))
        }
      }
      #expect(error?.description == "\(run.folder.latest.path): Is a directory")
      let left = try FileManager.default.contentsOfDirectory(atPath: run.folder.url.path).sorted()
      #expect(
        left.filter { !$0.hasPrefix("events.") }
          == ["config.json", "latest", "metrics.jsonl", "samples", "snapshots"])
    }
  }

  /// A copy under a name of its own is the user's, and what the best was before its log was lost is not removed.
  @Test func whatIsNotOursToRemoveStays() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 10)
      let files = FileManager.default
      let (first, kept) = ("epoch-0001", "before the new rate")
      try files.copyItem(
        at: run.folder.snapshots.appendingPathComponent(first),
        to: run.folder.snapshots.appendingPathComponent(kept))
      try files.createSymbolicLink(
        atPath: run.folder.best.path, withDestinationPath: "snapshots/\(first)")
      var more = run
      more.configuration.schedule.keepLast = 1
      #expect(try more.train(resuming: true) == .finished)
      #expect(try run.snapshotNames() == [kept, first, "epoch-0004"])
      #expect(
        try files.destinationOfSymbolicLink(atPath: run.folder.best.path) == "snapshots/\(first)")
    }
  }

  /// A snapshot without the run's settings cannot be gone on with.
  @Test func settingsThatAreRemovedAreWrittenAgain() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      var before: Data?
      try run.train(stoppingAfter: 2) { event in
        guard case .started = event else { return }
        before = try? Data(contentsOf: run.folder.configuration)
        try? FileManager.default.removeItem(at: run.folder.configuration)
      }
      #expect(try Data(contentsOf: run.folder.configuration) == before)
      #expect(try run.train(resuming: true) == .finished)
    }
  }

  /// As when the disk with the images is taken out: the steps since the last snapshot are kept.
  @Test func imagesThatAreGoneEndWithASnapshot() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      var settings = run.settings
      settings.cache = .off
      let folders = ["trainA", "trainB"].map(root.appendingPathComponent)
      var last = 0
      let error = #expect(throws: FileError.self) {
        try CycleGANRun.carryOut(
          CycleGANRequest(run.configuration), settings: settings, resuming: false,
          stoppingAfter: nil
        ) { event in
          guard case .step(let step, _) = event else { return }
          last = step.step
          for folder in folders { try? FileManager.default.removeItem(at: folder) }
        }
      }
      #expect(error?.path.hasPrefix(root.path) == true)
      #expect(last > 0)
      #expect(try run.folder.progress().step == last)
    }
  }

  /// What cannot be seen may be there: nothing is begun over it.
  @Test func aRunIsNotBegunOverSnapshotsThatCannotBeRead() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 3)
      let configuration = try Data(contentsOf: run.folder.configuration)
      try FileManager.default.removeItem(at: run.folder.snapshots)
      try Data().write(to: run.folder.snapshots)
      for resuming in [false, true] {
        let error = #expect(throws: FileError.self) { try run.train(resuming: resuming) }
        #expect(error?.path == run.folder.snapshots.path)
      }
      #expect(try Data(contentsOf: run.folder.configuration) == configuration)
    }
  }

  @Test func withoutASnapshotThereIsNothingToResume() throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      let path = run.folder.url.path
      let missing = #expect(throws: RunError.self) { try run.train(resuming: true) }
      #expect(missing?.description == "\(path): there is no such run")
      try FileManager.default.createDirectory(at: run.folder.url, withIntermediateDirectories: true)
      let empty = #expect(throws: RunError.self) { try run.train(resuming: true) }
      #expect(empty?.description == "\(path): there is no snapshot to resume from")
    }
  }

  @Test(arguments: files) func aMissingFileIsNamed(_ name: String) throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 1)
      let file = run.folder.latest.appendingPathComponent(name)
      try FileManager.default.removeItem(at: file)
      let error = #expect(throws: FileError.self) { try run.train(resuming: true) }
      #expect(error?.description == "\(file.path): No such file or directory")
    }
  }

  @Test(arguments: files) func aTruncatedFileIsNamed(_ name: String) throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 1)
      let file = run.folder.latest.appendingPathComponent(name)
      let whole = try Data(contentsOf: file)
      try whole.prefix(whole.count / 2).write(to: file)
      let error = #expect(throws: FileError.self) { try run.train(resuming: true) }
      #expect(error?.path == file.path)
    }
  }

  /// Counters that no run can have reached, each of which would overflow or index out of range.
  @Test(arguments: [
    ("epoch", "0"), ("position", "-1"), ("step", "-1"), ("images", "-1"), ("stepsInEpoch", "-1"),
    ("step", "9223372036854775807"), ("images", "9223372036854775807"),
    ("epoch", "9223372036854775807"), ("position", "9223372036854775807"),
    ("stepsInEpoch", "9223372036854775807"), ("formatVersion", "999"),
  ])
  func impossibleCountersAreRefused(_ key: String, value: String) throws {
    try withTemporaryFolder { root in
      let run = try TinyRun(in: root)
      try run.train(stoppingAfter: 3)
      let file = run.folder.latest.appendingPathComponent("training.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      let changed = text.replacing(try Regex("\"\(key)\" : \\d+"), with: "\"\(key)\" : \(value)")
      #expect(changed != text)
      try Data(changed.utf8).write(to: file)
      let error = #expect(throws: FileError.self) { try run.train(resuming: true) }
      #expect(error?.path == file.path)
    }
  }

  @Test func anotherNetworkDoesNotFit() throws {
    try withTemporaryFolder { root in
      var run = try TinyRun(in: root)
      try run.train(stoppingAfter: 1)
      run.configuration.networks.generatorFilters = 4
      let error = #expect(throws: StateDictMismatch.self) { try run.train(resuming: true) }
      let file = run.folder.latest.appendingPathComponent("net_G_A.safetensors")
      #expect(error?.path == file.path)
      #expect(error?.misshapen.first?.name == "model.1.weight")
    }
  }
}
