import Files
import Foundation
import Imaging
import Models
import TestSupport
import Testing
import Torch
import Training

@testable import Synthesis

/// Where a generator of samples is found, and what is taken for none.
struct SampleModelLoadingTests {
  private func withRun(_ body: (TinyGAN) throws -> Void) throws {
    try withTemporaryFolder { root in
      var run = try TinyGAN(in: root)
      run.configuration.latentDistribution = .uniform
      try run.train(stoppingAfter: 3)
      try body(run)
    }
  }

  @Test func aRunASnapshotAndAFile() throws {
    try withRun { run in
      let file = run.folder.latest.appendingPathComponent("net_G.safetensors")
      for path in [run.folder.url, run.folder.snapshots.appendingPathComponent("epoch-0001")] {
        #expect(
          try SampleModel(at: path, averaged: true).file.lastPathComponent
            == "net_G_ema.safetensors")
        #expect(
          try SampleModel(at: path, averaged: false).file.lastPathComponent == "net_G.safetensors")
      }
      let model = try SampleModel(at: file, averaged: true)
      #expect(
        model.configuration.summary == "DCGAN generator, 28x28, 1 channel, 2 filters, latent 5")
      #expect(model.latentDistribution == .uniform)
      #expect(model.notices == [])
    }
  }

  @Test func withoutAveragesTheLatestWeightsAreTaken() throws {
    try withRun { run in
      try FileManager.default.removeItem(
        at: run.folder.latest.appendingPathComponent("net_G_ema.safetensors"))
      let model = try SampleModel(at: run.folder.url, averaged: true)
      #expect(model.file.lastPathComponent == "net_G.safetensors")
      #expect(model.notices == ["there are no averaged weights; taking the last step's"])
    }
  }

  /// Files of several snapshots may lie in one folder.
  @Test func anAverageOfOtherWeightsIsNotTaken() throws {
    try withRun { run in
      let file = run.folder.latest.appendingPathComponent("net_G_ema.safetensors")
      let saved = try SafeTensors.read(from: file)
      var metadata = saved.metadata
      #expect(metadata["step"] == "3")
      metadata["step"] = "2"
      try SafeTensors(saved.tensors, metadata: metadata).write(to: file)
      let model = try SampleModel(at: run.folder.url, averaged: true)
      #expect(model.file.lastPathComponent == "net_G.safetensors")
      #expect(model.notices == [])
      #expect(
        model.warnings == [
          "net_G_ema.safetensors is of step 2, net_G.safetensors beside it of step 3: not its average; taking the "
            + "last step's weights"
        ])
      #expect(try SampleModel(at: run.folder.url, averaged: false).warnings == [])
    }
  }

  @Test func aDiscriminatorIsNoGenerator() throws {
    try withRun { run in
      let file = run.folder.latest.appendingPathComponent("net_D.safetensors")
      let error = #expect(throws: FileError.self) { try SampleModel(at: file, averaged: true) }
      #expect(
        error?.description
          == "\(file.path): its tensors are not those of a DCGAN's or fully connected generator")
    }
  }

  /// What latents are drawn from is nothing that tensors could tell.
  @Test func anExportedFileKnowsItsLatents() throws {
    try withRun { run in
      let model = try SampleModel(at: run.folder.url, averaged: true)
      for format in [ExportFormat.pth, .torchscript, .safetensors] {
        for distribution in LatentDistribution.allCases {
          let file = run.folder.url.appendingPathComponent("exported")
          let generator = ExportableGenerator(
            model.generator, model.configuration, latentDistribution: distribution.rawValue)
          _ = try generator.write(format, to: file, options: .init())
          let read = try SampleModel(at: file, averaged: false)
          #expect(read.latentDistribution == distribution, "\(format)")
          #expect(read.configuration == model.configuration)
        }
      }
    }
  }

  @Test func aMissingTensorIsNamed() throws {
    try withRun { run in
      let file = run.folder.latest.appendingPathComponent("net_G.safetensors")
      let saved = try SafeTensors.read(from: file)
      try SafeTensors(saved.tensors.filter { $0.name != "main.1.bias" }, metadata: saved.metadata)
        .write(to: file)
      let error = #expect(throws: StateDictMismatch.self) {
        try SampleModel(at: file, averaged: true)
      }
      #expect(error?.missing == ["main.1.bias"])
    }
  }

  @Test func whatIsNotThereIsNamed() throws {
    try withTemporaryFolder { root in
      let error = #expect(throws: FileError.self) { try SampleModel(at: root, averaged: true) }
      #expect(
        error?.reason
          == "there is no snapshot of a DCGAN or GAN in it, nor net_G (.safetensors, .pth)")
      #expect(throws: FileError.self) {
        try SampleModel(at: root.appendingPathComponent("none"), averaged: true)
      }
    }
  }

  /// The same number is the same image, whatever was made before it.
  @Test func aImageDependsOnItsLatentAlone() throws {
    try withRun { run in
      let sampler = Sampler(try SampleModel(at: run.folder.url, averaged: true), device: .cpu)
      let few = SamplePlan(.samples(count: 3), seed: 9)
      let many = SamplePlan(.samples(count: 30), seed: 9)
      for number in [3, 1, 2] {
        let first = sampler.image(few.input(at: number - 1, sampler))
        #expect(first == sampler.image(many.input(at: number - 1, sampler)))
      }
    }
  }

  /// A walk of four begins at sample 1 and ends at sample 2; the second one begins there.
  @Test func walksLeadFromSampleToSample() throws {
    try withRun { run in
      let sampler = Sampler(try SampleModel(at: run.folder.url, averaged: true), device: .cpu)
      let plan = SamplePlan(.walks(count: 2, steps: 4), seed: 9)
      #expect(plan.count == 8)
      #expect(plan.columns == 4)
      for (index, number) in [(0, 1), (3, 2), (4, 2), (7, 3)] {
        expectClose(
          plan.input(at: index, sampler), sampler.input(of: number, seed: 9), tolerance: 1e-6)
      }
    }
  }

  /// The sum itself, then eight within a quarter of it.
  @Test func imagesAroundASum() throws {
    try withRun { run in
      let sampler = Sampler(try SampleModel(at: run.folder.url, averaged: true), device: .cpu)
      let sum = try #require(LatentArithmetic("4"))
      let plan = SamplePlan(.arithmetic(sum, count: 9), seed: 9)
      let fourth = sampler.input(of: 4, seed: 9)
      #expect(plan.input(at: 0, sampler) == fourth)
      for index in 1..<9 {
        let latent = plan.input(at: index, sampler)
        #expect(latent != fourth)
        expectClose(latent, fourth, tolerance: 0.2501)
      }
      // Under three rows of three images and their head the term's head and its one sample, enlarged to 64 pixels or
      // more; rows have 4 pixels around them.
      let image = sampler.image(fourth).converted(toChannels: 3)
      let scale = (64 + image.width - 1) / image.width
      let side = scale * image.width
      let sheet = plan.sheet(
        (0..<9).map { sampler.image(plan.input(at: $0, sampler)) }, sampler)
      #expect(sheet.width == 3 * (side + 4) + 4)
      #expect(sheet.height == 4 * (side + 8) + 2 * Image.textHeight)
      let term = sheet.cropped(
        top: sheet.height - side - 4, left: 4, height: side, width: side)
      #expect(term == image.resized(height: side, width: side, filter: .nearest))
    }
  }
}
