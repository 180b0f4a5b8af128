import Datasets
import Foundation
import Imaging
import TestSupport
import Testing
import Torch
import Training

@testable import Translation

/// What GPUs do otherwise than the CPU, on the CPU: a run is the same, bit for bit.
struct StepsOnDeviceTests {
  /// Losses that stay on the device for up to so many steps, until they are logged or saved: in every 3rd step, at the
  /// ends of epochs of 5 steps, or when a call is stopped.
  @Test(arguments: [2, 50]) func lossesAreReadLater(mostUnread: Int) throws {
    func results(_ mostUnread: Int) throws -> [String: Data] {
      try withTemporaryFolder { root in
        var run = try TinyRun(in: root)
        run.configuration.schedule.logEvery = 3
        run.configuration.optimization.policy = .plateau
        run.settings.mostUnreadSteps = mostUnread
        var steps: [Int] = []
        func note(_ event: TrainingEvent) {
          if case .step(let step, _) = event { steps.append(step.step) }
        }
        try run.train(stoppingAfter: 6, report: note)
        let stopped = steps.count
        try run.train(resuming: true, report: note)
        // Every step is told of, in its order.
        #expect(stopped >= 6 && steps == Array(1...20))
        return try run.results()
      }
    }
    let (early, late) = (try results(1), try results(mostUnread))
    #expect(early.count > 6)
    #expect(early.keys.sorted() == late.keys.sorted())
    #expect(early.filter { late[$0.key] != $0.value }.keys.sorted() == [])
  }

  /// A learning rate that leads to no numbers: the step that is named is the first whose loss is none, though others
  /// were taken after it.
  @Test func theRightStepHasDiverged() throws {
    func failure(_ mostUnread: Int) throws -> String? {
      try withTemporaryFolder { root in
        var run = try TinyRun(in: root)
        run.configuration.schedule.logEvery = 1000
        run.configuration.optimization.learningRate = 1e30
        run.settings.mostUnreadSteps = mostUnread
        let error = #expect(throws: RunError.self) { try run.train() }
        return error.map { "\($0)" }
      }
    }
    let early = try failure(1)
    #expect(early != nil)
    #expect(try failure(50) == early)
  }

  private func configuration(
    _ change: (inout CycleGANConfiguration) -> Void
  ) -> CycleGANConfiguration {
    var configuration = CycleGANConfiguration()
    configuration.networks.blocks = 1
    configuration.networks.generatorFilters = 2
    configuration.networks.discriminatorLayers = 1
    configuration.networks.discriminatorFilters = 2
    configuration.losses.poolSize = 3
    configuration.optimization.precision = .fp32
    change(&configuration)
    return configuration
  }

  /// Losses of 14 steps on differing images, and a number for the weights in the end.
  private func train(
    _ configuration: CycleGANConfiguration, repeating: Bool
  ) -> (losses: [CycleGANLosses], weights: [UInt32]) {
    let trainer = CycleGANTrainer(configuration: configuration, device: .cpu)
    if repeating {
      trainer.generatorPasses = RepeatedPass(
        of: [trainer.generatorAB, trainer.generatorBA],
        beside: [trainer.discriminatorA, trainer.discriminatorB], on: .cpu,
        recorder: RepeatedByHand.self)
      trainer.discriminatorAPasses = RepeatedPass(
        of: [trainer.discriminatorA], on: .cpu, recorder: RepeatedByHand.self)
      trainer.discriminatorBPasses = RepeatedPass(
        of: [trainer.discriminatorB], on: .cpu, recorder: RepeatedByHand.self)
    }
    let losses = (0..<14).map { step in
      if step == 7 { trainer.begin(epoch: 2, of: 3) }
      func images(_ seed: Int) -> Tensor {
        Tensor.uniform(shape: [2, 3, 16, 16], seed: UInt64(seed)) * 2 - 1
      }
      return trainer.step(realA: images(2 * step), realB: images(2 * step + 1))
    }
    return (losses, trainer.networks.map(\.network.weightsChecksum))
  }

  /// With all that differs between steps: terms in every second step, penalties, weights that decay, pools, averages.
  @Test func repeatedPassesTrainTheSame() {
    for change: (inout CycleGANConfiguration) -> Void in [
      { _ in },
      {
        $0.losses.identityEvery = 2
        $0.losses.gradientPenalty = 0.1
        $0.losses.penaltyEvery = 3
        $0.losses.cycleDecay = 0.5
        $0.averageWindow = 0.2
      },
      { $0.losses.adversary = .wganGP },
      { $0.networks.normalization = .batch },
    ] {
      let configuration = configuration(change)
      let (plain, repeated) = (
        train(configuration, repeating: false), train(configuration, repeating: true)
      )
      #expect(plain.losses == repeated.losses)
      #expect(plain.weights == repeated.weights)
      #expect(plain.losses[0] != plain.losses[13])
    }
  }

  @Test func whatKeepsPassesFromBeingRepeated() {
    func obstacle(_ change: (inout CycleGANConfiguration) -> Void) -> String? {
      CycleGANTrainer(configuration: configuration(change), device: .cpu).generatorPasses.obstacle
    }
    #expect(obstacle { $0.networks.dropout = true } == "dropout draws other elements in each step")
    #expect(
      obstacle { $0.optimization.accumulatedBatches = 2 } == "a step has several passes")
    #expect(obstacle { _ in } == "only CUDA devices repeat recorded work")
  }

  /// CycleGAN training whose generators' passes a GPU could not repeat; they are run on the CPU all the same.
  private final class UnrepeatedTask: TrainingTask {
    private let task: CycleGANTask

    init(
      _ request: CycleGANRequest, settings: RunSettings, restore: (any Trainer) throws -> Void,
      shouldStop: () -> Bool, report: @escaping (TrainingEvent) -> Void
    ) throws {
      task = try CycleGANTask(
        request, settings: settings, restore: restore, shouldStop: shouldStop, report: report)
      (task.trainer as? CycleGANTrainer)?.generatorPasses = RepeatedPass(
        of: [], on: .cuda(index: 0), recorder: RepeatedByHand.self, obstacle: "it is a test")
    }

    var configuration: CycleGANConfiguration { task.configuration }
    var trainer: any Trainer { task.trainer }
    var domains: [DomainRecord] { task.domains }
    var epochSize: Int { task.epochSize }
    var batchSize: Int { task.batchSize }
    func samples(ofEpoch epoch: Int) -> @Sendable (Int) throws -> UnpairedSample {
      task.samples(ofEpoch: epoch)
    }
    func warnings(about sample: UnpairedSample) -> [String] { task.warnings(about: sample) }
    func step(
      _ parts: [(part: BatchPart, samples: [UnpairedSample])]
    ) -> PendingLosses<any StepLosses> { task.step(parts) }
    func drawSamples(caption: String) -> Image { task.drawSamples(caption: caption) }
  }

  /// Once in a run, and never of a CPU.
  @Test func whyAGPUDoesNotRepeatStepsIsTold() throws {
    func notices<Task: TrainingTask>(_ task: Task.Type) throws -> [String]
    where Task.Request == CycleGANRequest {
      try withTemporaryFolder { root in
        let run = try TinyRun(in: root)
        var notices: [String] = []
        _ = try TrainingRun<Task>.carryOut(
          CycleGANRequest(run.configuration), settings: run.settings, resuming: false,
          stoppingAfter: 3
        ) { event in
          if case .notice(let text) = event, text.contains("GPU") { notices.append(text) }
        }
        return notices
      }
    }
    #expect(
      try notices(UnrepeatedTask.self) == [
        "the GPU gets steps operator by operator, which takes longer: it is a test"
      ])
    #expect(try notices(CycleGANTask.self) == [])
  }
}
