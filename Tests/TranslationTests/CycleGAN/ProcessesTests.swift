import Foundation
import TestSupport
import Testing
import Torch
import Training

@testable import Translation

/// A step of several processes or passes is one with their whole batch.
@Suite(.serialized) struct CycleGANProcessesTests {
  /// Norms whose statistics are one sample's, a pool that is soon full, and random weights of the penalty.
  private static func configuration(_ loss: AdversarialLoss = .lsgan) -> CycleGANConfiguration {
    var configuration = CycleGANConfiguration()
    configuration.networks.blocks = 1
    configuration.networks.generatorFilters = 2
    configuration.networks.discriminatorLayers = 1
    configuration.networks.discriminatorFilters = 2
    configuration.optimization.precision = .fp32
    configuration.losses.poolSize = 3
    configuration.losses.adversary = loss
    return configuration
  }

  private struct Trained: Sendable {
    var losses: [[Double]] = []
    var weights: [UInt8] = []
    var pools: [[Float]] = []
  }

  /// - Parameter sizes: samples of each step's batch.
  private static func train(
    _ configuration: CycleGANConfiguration, _ sizes: [Int], _ group: ProcessGroup? = nil,
    passes: Int = 1
  ) -> Trained {
    let trainer = CycleGANTrainer(configuration: configuration, device: .cpu, processes: group)
    var trained = Trained()
    for (step, size) in sizes.enumerated() {
      let realA = Tensor.uniform(shape: [size, 3, 16, 16], seed: UInt64(2 * step)) * 2 - 1
      let realB = Tensor.uniform(shape: [size, 3, 16, 16], seed: UInt64(2 * step + 1)) * 2 - 1
      let parts = BatchPart.parts(
        of: size, rank: group?.rank ?? 0, processes: group?.count ?? 1, passes: passes)
      let losses = trainer.step(
        parts.map {
          CycleGANTrainer.Pass(part: $0, realA: $0.rows(of: realA), realB: $0.rows(of: realB))
        })
      trained.losses.append(losses.named.map(\.value))
    }
    let networks = trainer.networks.filter { !$0.name.hasSuffix("_ema") }
    trained.weights = networks.flatMap { $0.network.stateDict.flatMap { $0.tensor.bytes } }
    trained.pools = [trainer.poolA, trainer.poolB].map { $0.images.flatMap(\.elements) }
    return trained
  }

  /// The sums of floats are formed in another order, and Adam's first steps carry that to the weights.
  private func expectAlike(
    _ found: Trained, _ whole: Trained, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (step, pair) in zip(found.losses, whole.losses).enumerated() {
      for (loss, expected) in zip(pair.0, pair.1) {
        #expect(abs(loss - expected) < 1e-5, "step \(step + 1)", sourceLocation: sourceLocation)
      }
    }
    for (own, expected) in zip(found.pools, whole.pools) {
      #expect(own.count == expected.count, sourceLocation: sourceLocation)
      #expect(
        zip(own, expected).allSatisfy { abs($0 - $1) < 1e-4 }, sourceLocation: sourceLocation)
    }
  }

  /// The last batch has fewer samples than there are processes.
  @Test(arguments: [AdversarialLoss.lsgan, .wganGP])
  func processesTrainAsOne(loss: AdversarialLoss) throws {
    let configuration = Self.configuration(loss)
    let sizes = [4, 4, 3, 1]
    let whole = Self.train(configuration, sizes)
    for count in [2, 4] {
      let parts = try onProcesses(count) { Self.train(configuration, sizes, $0) }
      for part in parts {
        expectAlike(part, whole)
        #expect(part.weights == parts[0].weights)
        #expect(part.losses == parts[0].losses)
        #expect(part.pools == parts[0].pools)
      }
    }
  }

  @Test func passesAreOneBatch() throws {
    let configuration = Self.configuration()
    let sizes = [4, 4, 3, 1]
    let whole = Self.train(configuration, sizes)
    expectAlike(Self.train(configuration, sizes, passes: 2), whole)
    expectAlike(Self.train(configuration, sizes, passes: 4), whole)
    let both = try onProcesses(2) { Self.train(configuration, sizes, $0, passes: 2) }
    for part in both { expectAlike(part, whole) }
  }

  /// A sample loses the same features wherever it is. Passes only: threads share libtorch's generator.
  @Test func dropoutFollowsTheSamples() {
    var configuration = Self.configuration()
    configuration.networks.dropout = true
    let sizes = [4, 3]
    expectAlike(
      Self.train(configuration, sizes, passes: 2), Self.train(configuration, sizes))
  }

  @Test func synchronizedBatchNormTrainsAsOne() throws {
    var configuration = Self.configuration()
    configuration.networks.normalization = .batch
    let whole = Self.train(configuration, [4, 4])
    configuration.optimization.synchronizesBatchNorm = true
    let parts = try onProcesses(2) { [configuration] in Self.train(configuration, [4, 4], $0) }
    for part in parts {
      expectAlike(part, whole)
      #expect(part.weights == parts[0].weights)
    }
  }

  /// Statistics of two images each are not those of four; they are the same in both all the same.
  @Test func batchNormIsTheSameEverywhere() throws {
    var configuration = Self.configuration()
    configuration.networks.normalization = .batch
    let parts = try onProcesses(2) { [configuration] in Self.train(configuration, [4, 4], $0) }
    #expect(parts[0].weights == parts[1].weights)
  }
}

/// Runs of several processes.
@Suite(.serialized) struct RunProcessesTests {
  /// Both processes are threads here; only the first one makes the run's folder.
  private static func train(
    _ root: URL, _ name: String, _ group: ProcessGroup?, batchSize: Int = 2, resuming: Bool = false,
    steps: Int, stopsAfter: Int? = nil
  ) throws -> RunOutcome {
    var tiny = try TinyRun(in: root, name: name)
    tiny.configuration.data.batchSize = batchSize
    tiny.settings.processes = group
    tiny.settings.maximumSteps = steps
    return try tiny.train(resuming: resuming, stoppingAfter: stopsAfter)
  }

  private func losses(_ root: URL, _ name: String) throws -> [[Double]] {
    try TinyRun(in: root, name: name).metrics().map { line in
      ["G_A", "G_B", "D_A", "D_B", "cycle_A", "cycle_B", "idt_A", "idt_B"].map {
        line[$0] as! Double
      }
    }
  }

  private func expectAlike(_ found: [[Double]], _ expected: [[Double]]) {
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) {
      #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 }, "\(a) \(b)")
    }
  }

  /// Epochs of five samples: the last batch has one. Crops and flips follow the sample's place.
  @Test func twoProcessesTrainAsOne() throws {
    try withTemporaryFolder { root in
      _ = try TinyRun(in: root)
      #expect(try Self.train(root, "one", nil, steps: 6) == .finished)
      let outcomes = try onProcesses(2) { try Self.train(root, "two", $0, steps: 6) }
      #expect(outcomes == [.finished, .finished])
      expectAlike(try losses(root, "two"), try losses(root, "one"))
    }
  }

  /// Any number of processes goes on with a run.
  @Test func aRunGoesOnWithOtherNumbersOfProcesses() throws {
    try withTemporaryFolder { root in
      _ = try TinyRun(in: root)
      _ = try Self.train(root, "whole", nil, batchSize: 4, steps: 6)
      _ = try onProcesses(2) { try Self.train(root, "parts", $0, batchSize: 4, steps: 2) }
      _ = try onProcesses(4) {
        try Self.train(root, "parts", $0, batchSize: 4, resuming: true, steps: 4)
      }
      _ = try Self.train(root, "parts", nil, batchSize: 4, resuming: true, steps: 6)
      expectAlike(try losses(root, "parts"), try losses(root, "whole"))
    }
  }

  /// All end after the same step, and the first one saves.
  @Test func anInterruptOfOneEndsAll() throws {
    try withTemporaryFolder { root in
      _ = try TinyRun(in: root)
      let outcomes = try onProcesses(2) { group in
        try Self.train(root, "run", group, steps: 100, stopsAfter: group.rank == 1 ? 3 : nil)
      }
      #expect(outcomes == [.interrupted, .interrupted])
      #expect(try TinyRun(in: root).snapshotNames() == ["epoch-0001"])
    }
  }

  @Test func aBatchThatCannotBeFilledIsTold() throws {
    try withTemporaryFolder { root in
      _ = try TinyRun(in: root)
      let errors = try onProcesses(2) { group in
        let error = #expect(throws: RunError.self) {
          try Self.train(root, "run", group, batchSize: 6, steps: 1)
        }
        return error?.description ?? ""
      }
      #expect(
        errors.allSatisfy {
          $0 == "a batch of 6 for all processes needs as many images; there are 5"
        })
    }
  }

  /// Each process decodes its part; both leave out what either has found.
  @Test func checksAreShared() throws {
    try withTemporaryFolder { root in
      let tiny = try TinyRun(in: root)
      for name in ["00.png", "03.png"] {
        try Data("none".utf8).write(to: root.appendingPathComponent("trainA/\(name)"))
      }
      let skipped = try onProcesses(2) { group in
        var settings = tiny.settings
        settings.processes = group
        settings.maximumSteps = 1
        var configuration = tiny.configuration
        configuration.data.batchSize = 2
        var skipped: [String] = []
        _ = try CycleGANRun.carryOut(
          CycleGANRequest(configuration), settings: settings, resuming: false,
          stoppingAfter: nil
        ) { event in
          if case .domainReady(_, _, let files) = event {
            skipped += files.map { URL(fileURLWithPath: $0.path).lastPathComponent }
          }
        }
        return skipped
      }
      #expect(skipped == [["00.png", "03.png"], ["00.png", "03.png"]])
    }
  }

  /// Who reads another snapshot would go on as another run.
  @Test func otherWeightsAreNoticed() throws {
    try withTemporaryFolder { root in
      _ = try TinyRun(in: root)
      for (name, seed) in [("a", 1), ("b", 2)] {
        var tiny = try TinyRun(in: root, name: name)
        tiny.configuration.seed = UInt64(seed)
        tiny.settings.maximumSteps = 1
        try tiny.train()
      }
      let errors = try onProcesses(2) { group in
        let error = #expect(throws: RunError.self) {
          var tiny = try TinyRun(in: root, name: ["a", "b"][group.rank])
          tiny.configuration.seed = UInt64(group.rank + 1)
          tiny.configuration.data.batchSize = 2
          tiny.settings.processes = group
          try tiny.train(resuming: true)
        }
        return error?.description ?? ""
      }
      #expect(
        errors.allSatisfy {
          $0.hasPrefix("after 1 step the weights of rank 1 are not those of rank 0; ")
        }, "\(errors)")
    }
  }
}
