import Files
import Foundation
import Imaging
import Models
import TestSupport
import Testing
import Torch
import Training

@testable import Synthesis

/// Runs that know classes or codes: what they leave, that they go on exactly, and what they refuse.
struct FamilyRunTests {
  /// Nine images of three classes, in batches of three.
  private static func makeRun(
    _ kind: SampleCondition.Kind, in root: URL, name: String,
    model: GANConfiguration.Model = .gan, loss: AdversarialLoss = .vanilla
  ) throws -> TinyGAN {
    var run = try TinyGAN(in: root, name: name, model: model, loss: loss)
    let classes = root.appendingPathComponent("classes")
    if !FileManager.default.fileExists(atPath: classes.path) {
      for (index, name) in ["c", "a", "b"].enumerated() {
        try writeImages(
          3, to: classes.appendingPathComponent(name), first: 10 * index, height: 28, width: 28,
          channels: 1)
      }
    }
    run.configuration.data.path = classes.path
    run.request.condition = kind
    if model == .gan { run.request.hidden = [8] }
    run.request.latent = 5
    run.request.codes = LatentCodes([.categorical(3), .uniform])
    return run
  }

  private static func expectTheSameEnd(
    _ kind: SampleCondition.Kind, _ model: GANConfiguration.Model, _ loss: AdversarialLoss
  ) throws {
    try withTemporaryFolder { root in
      func makeRun(_ name: String) throws -> TinyGAN {
        try Self.makeRun(kind, in: root, name: name, model: model, loss: loss)
      }
      let whole = try makeRun("whole")
      #expect(try whole.train() == .finished)
      let run = try makeRun("stopped")
      #expect(try run.train(stoppingAfter: 4) == .interrupted)
      #expect(try run.train(resuming: true) == .finished)
      let (results, expected) = (try run.results(), try whole.results())
      #expect(results.filter { expected[$0.key] != $0.value }.keys.sorted() == [])
      #expect(results.count == expected.count)
    }
  }

  @Test(arguments: [SampleCondition.Kind.cgan, .acgan, .infogan])
  func aStoppedRunEndsTheSame(_ kind: SampleCondition.Kind) throws {
    try Self.expectTheSameEnd(kind, .gan, .hinge)
    try Self.expectTheSameEnd(kind, .dcgan, .vanilla)
  }

  /// In a process of its own, where no other test draws from the noise's generator.
  @Test func aStoppedSemiSupervisedRunEndsTheSame() async {
    await #expect(processExitsWith: .success) {
      try FamilyRunTests.expectTheSameEnd(.sgan, .gan, .vanilla)
    }
  }

  /// From files alone: the condition, the names of the classes, and images that differ by class.
  @Test func aRunsFilesSayTheirClasses() throws {
    try withTemporaryFolder { root in
      let run = try Self.makeRun(.acgan, in: root, name: "run")
      try run.train()
      let model = try SampleModel(at: run.folder.url, averaged: true)
      let condition = SampleCondition(.acgan, classes: ["a", "b", "c"], codes: LatentCodes([]))
      #expect(model.configuration.condition == condition)
      #expect(model.configuration.latent == 5)
      let stored = try GANConfiguration.read(from: run.folder.configuration)
      #expect(stored.networks.condition == condition)
      let sampler = Sampler(model, device: .cpu)
      #expect(sampler.choices == [.label(0), .label(1), .label(2)])
      let inputs = sampler.choices.map { sampler.input(of: 1, with: $0, seed: 3) }
      #expect(Set(inputs.map { Array($0.prefix(5)) }).count == 1)
      #expect(inputs.map { Array($0.suffix(3)) } == [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
      #expect(Set(inputs.map { sampler.image($0).samples }.map { "\($0)" }).count == 3)
      // Without a choice, samples have all classes.
      let drawn = Set((1...40).map { Array(sampler.input(of: $0, seed: 3).suffix(3)) })
      #expect(drawn.count == 3)

      let classifier = try SampleClassifier(at: run.folder.url, device: .cpu)
      #expect(classifier.classes == ["a", "b", "c"])
      let probabilities = try classifier.probabilities(
        of: makeImage(1, height: 28, width: 28, channels: 1))
      expectClose(probabilities.reduce(0, +), 1, tolerance: 1e-9)
    }
  }

  @Test func codesAreWalkedAlong() throws {
    try withTemporaryFolder { root in
      let run = try Self.makeRun(.infogan, in: root, name: "run")
      try run.train(stoppingAfter: 1)
      let sampler = Sampler(try SampleModel(at: run.folder.url, averaged: false), device: .cpu)
      let codes = try #require(sampler.condition?.codes)
      let walk = Sampler.values(of: codes, index: 1, steps: 5)
      let plan = SamplePlan(.columns(walk, count: 2), seed: 4)
      #expect(plan.count == 10)
      #expect(plan.columns == 5)
      let rows = (0..<10).map { plan.input(at: $0, sampler) }
      #expect(rows.map { $0[8] } == [-1, -0.5, 0, 0.5, 1, -1, -0.5, 0, 0.5, 1])
      // All else stands in a row.
      #expect(Set(rows.prefix(5).map { Array($0.prefix(8)) }).count == 1)
      #expect(rows[0].prefix(8) != rows[5].prefix(8))
      #expect(Sampler.values(of: codes, index: 0, steps: 5).count == 3)
    }
  }

  /// A walk between two samples of one class keeps it; between classes it goes straight over.
  @Test func walksKeepTheClass() throws {
    try withTemporaryFolder { root in
      let run = try Self.makeRun(.cgan, in: root, name: "run")
      try run.train(stoppingAfter: 1)
      let sampler = Sampler(try SampleModel(at: run.folder.url, averaged: false), device: .cpu)
      let plan = SamplePlan(.walks(count: 1, steps: 3), choice: .label(1), seed: 4)
      for index in 0..<3 { #expect(plan.input(at: index, sampler).suffix(3) == [0, 1, 0]) }
      let sum = try #require(LatentArithmetic("1-2+3"))
      let around = SamplePlan(.arithmetic(sum, count: 2), choice: .label(2), seed: 4)
      #expect(around.input(at: 1, sampler).suffix(3) == [0, 0, 1])
      let free = SamplePlan(.walks(count: 1, steps: 3), seed: 4)
      let ends = [1, 2].map { sampler.input(of: $0, seed: 4) }
      let middle = free.input(at: 1, sampler)
      for place in 5..<8 { #expect(middle[place] == (ends[0][place] + ends[1][place]) / 2) }
    }
  }

  private func failure(_ run: TinyGAN, resuming: Bool = false) -> String {
    do { try run.train(resuming: resuming, stoppingAfter: 1) } catch { return "\(error)" }
    return ""
  }

  @Test func otherClassesAreRefused() throws {
    try withTemporaryFolder { root in
      let run = try Self.makeRun(.cgan, in: root, name: "run")
      try run.train(stoppingAfter: 4)
      let classes = root.appendingPathComponent("classes")
      try FileManager.default.moveItem(
        at: classes.appendingPathComponent("b"), to: classes.appendingPathComponent("d"))
      var resumed = run
      resumed.request = GANRequest(try GANConfiguration.read(from: run.folder.configuration))
      #expect(
        failure(resumed, resuming: true).hasSuffix(
          "its classes are a, c and d, the run's a, b and c"))
      // Another run would begin with what has another meaning.
      var other = try Self.makeRun(.cgan, in: root, name: "other")
      other.settings.initialWeights = run.folder.url
      #expect(
        failure(other).hasSuffix(
          "its networks are those of cgan, a, b and c, the run's those of cgan, a, c and d"))
      other.request.condition = nil
      other.request.latent = 8
      #expect(
        failure(other).hasSuffix(
          "its networks are those of cgan, a, b and c, the run's without a condition"))
    }
  }

  /// The means of a batch's features are not those of its parts.
  @Test func processesCannotShareASemiSupervisedStep() throws {
    let messages = try onProcesses(2) { group in
      try withTemporaryFolder { root in
        var run = try Self.makeRun(.sgan, in: root, name: "run")
        run.settings.processes = group
        do {
          _ = try GANTask(
            run.request, settings: run.settings, restore: { _ in }, shouldStop: { false },
            report: { _ in })
        } catch { return "\(error)" }
        return ""
      }
    }
    for message in messages {
      #expect(message.hasPrefix("--condition sgan does not work with several processes"))
    }
  }

  /// A step of several processes or passes is one with their whole batch.
  @Test(arguments: [SampleCondition.Kind.cgan, .acgan, .infogan])
  func processesAndPassesTrainAsOne(_ kind: SampleCondition.Kind) throws {
    try withTemporaryFolder { root in
      var gan = try Self.makeRun(kind, in: root, name: "run")
      gan.request.channels = 1
      gan.request.classes = ["a", "b", "c"]
      let configuration = gan.request.decided
      @Sendable func train(_ group: ProcessGroup?, passes: Int = 1) -> [[Double]] {
        let trainer = GANTrainer(configuration: configuration, device: .cpu, processes: group)
        return (0..<3).map { step in
          let real = noiseImages(6, seed: UInt64(step))
          let classes = oneHot([0, 1, 2, 0, 1, 1], classes: 3)
          let parts = BatchPart.parts(
            of: 6, rank: group?.rank ?? 0, processes: group?.count ?? 1, passes: passes)
          return trainer.step(
            parts.map {
              GANTrainer.Pass(
                part: $0, real: $0.rows(of: real), classes: $0.rows(of: classes))
            }
          ).named.map(\.value)
        }
      }
      let whole = train(nil)
      let parts = try onProcesses(2) { train($0) }
      for found in parts + [train(nil, passes: 2)] {
        for (a, b) in zip(found, whole) {
          #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 }, "\(a) \(b)")
        }
      }
    }
  }

  /// Conditions go with every loss that has scores.
  @Test(arguments: SampleCondition.Kind.allCases, AdversarialLoss.allCases)
  func lossesCombine(_ kind: SampleCondition.Kind, _ loss: AdversarialLoss) throws {
    if loss == .began || (kind == .sgan && loss != .vanilla) { return }
    try withTemporaryFolder { root in
      for model in [GANConfiguration.Model.gan, .dcgan] {
        var run = try Self.makeRun(kind, in: root, name: model.rawValue, model: model, loss: loss)
        run.request.criticSteps = 1
        run.configuration.losses.jointBatches = model == .gan
        try run.train(stoppingAfter: 2)
        for line in try run.metrics() {
          for name in ["D", "G"] {
            let value = try #require(line[name] as? Double)
            #expect(value.isFinite)
          }
        }
      }
    }
  }

  /// The row of a sheet belongs to a class: three rows of eight images of 28 pixels, and two between them.
  @Test func aSheetHasARowForEachClass() throws {
    try withTemporaryFolder { root in
      let run = try Self.makeRun(.cgan, in: root, name: "run")
      try run.train()
      let samples = run.folder.url.appendingPathComponent("samples")
      let name = try #require(
        try FileManager.default.contentsOfDirectory(atPath: samples.path).first)
      let sheet = try ImageFile.read(from: samples.appendingPathComponent(name)).image
      // A letter before each row has 5 pixels with one at its sides.
      #expect(sheet.width == 2 + 9 + 8 * 30)
      #expect(sheet.height == Image.textHeight + 2 + 3 * 30)
    }
  }
}
