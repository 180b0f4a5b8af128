import Testing
import Translation

@testable import Commands

/// How command lines are read, apart from what options mean to one another.
@Suite struct ArgumentParserTests {
  private func train(_ line: String) throws -> Invocation<TrainOptions> {
    try ArgumentParser(path: "cyclegan train")
      .parse(line.split(separator: " ").map(String.init))
  }

  private func trainError(_ line: String) -> String? {
    do throws(UsageError) {
      _ = try ArgumentParser<TrainOptions>(path: "cyclegan train")
        .parse(line.split(separator: " ").map(String.init))
      return nil
    } catch {
      return error.description
    }
  }

  @Test func valuesGoWhereTheTableSays() throws {
    let options = try train(
      """
      a b --name n --epochs 7 --steps 30 --lr 1e-3 --generator resnet6 --blocks 4 --no-flip \
      --serial --seed 18446744073709551615 --device CUDA:1 --lambda-identity 0 --sample-every 9
      """
    ).options
    #expect(options.configuration.data.folderA == "a")
    #expect(options.configuration.data.folderB == "b")
    #expect(options.call.name == "n")
    #expect(options.configuration.schedule.constantEpochs == 7)
    #expect(options.call.maximumSteps == 30)
    #expect(options.configuration.optimization.learningRate == 0.001)
    #expect(options.configuration.networks.generator == .resnet6)
    #expect(options.request.decided.networks.blocks == 4)
    #expect(!options.configuration.data.flip)
    #expect(options.configuration.data.serial)
    #expect(options.configuration.seed == .max)
    #expect(options.compute.device.optionText == "cuda:1")
    #expect(options.configuration.losses.identityWeight == 0)
    #expect(options.configuration.schedule.sampleEvery == 9)
  }

  @Test func withoutOptionsEverythingIsDefault() throws {
    let invocation = try train("a b")
    var expected = CycleGANConfiguration()
    expected.data.folderA = "a"
    expected.data.folderB = "b"
    #expect(invocation.options.configuration == expected)
    #expect(invocation.given.isEmpty)
  }

  @Test func oneFolderIsTheRootOfTwo() throws {
    let data = try train("sets/horses").options.configuration.data
    #expect(data.folderA == "sets/horses/trainA")
    #expect(data.folderB == "sets/horses/trainB")
  }

  @Test func equalsSignAndSpaceAreTheSame() throws {
    #expect(try train("a b --epochs=3").options.configuration.schedule.constantEpochs == 3)
    #expect(try train("a b --epochs 3").options.configuration.schedule.constantEpochs == 3)
    #expect(try train("a b --name=x=y").options.call.name == "x=y")
    #expect(try train("a b --name=--x").options.call.name == "--x")
  }

  @Test func optionsMayStandAnywhereAndTheLastWins() throws {
    let invocation = try train("--epochs 3 a --epochs 4 b")
    #expect(invocation.options.configuration.schedule.constantEpochs == 4)
    #expect(invocation.options.folders == ["a", "b"])
    #expect(invocation.given == ["epochs"])
  }

  @Test func twoDashesEndTheOptions() throws {
    #expect(try train("--serial -- --epochs -b").options.folders == ["--epochs", "-b"])
  }

  /// Names and values as the reference implementation's users have them in their scripts.
  @Test(arguments: [
    ("--n_epochs 3", "epochs", "3"), ("--n_epochs_decay 4", "decay-epochs", "4"),
    ("--ngf 32", "generator-filters", "32"), ("--ndf 16", "discriminator-filters", "16"),
    ("--netG resnet_6blocks", "generator", "resnet6"), ("--net_g unet_128", "generator", "unet128"),
    ("--netD pixel", "discriminator", "pixel"), ("--netD basic", "discriminator", "patch"),
    ("--n_layers_D 2", "discriminator-layers", "2"), ("--gan_mode wgangp", "gan-loss", "wgan-gp"),
    ("--lambda_A 5", "lambda-a", "5"), ("--serial_batches", "serial", "on"),
    ("--preprocess scale_width", "preprocess", "scale-width"), ("--no_flip", "no-flip", "on"),
    ("--no_dropout", "no-dropout", "on"), ("--dropout --no_dropout", "dropout", "off"),
    ("--init_type xavier", "init", "xavier"), ("--max_dataset_size 9", "max-images", "9"),
    ("--num_threads 2", "num-threads", "2"), ("--checkpoints_dir c", "checkpoints-dir", "c"),
    ("--lambda_identity 0 --input_nc 1", "channels-a", "1"), ("--batch_size 2", "batch-size", "2"),
  ])
  func referenceSpellings(_ words: String, _ name: String, _ value: String) throws {
    let invocation = try train("a b \(words)")
    let option = try #require(TrainOptions.syntax.option(named: name))
    #expect(option.text(invocation.options) == value)
    #expect(invocation.given.contains(name))
  }

  @Test func referenceDirections() throws {
    let options = try ArgumentParser<TranslateOptions>(path: "cyclegan translate")
      .parse(["m", "i", "j", "--output", "o", "--direction", "BtoA"]).options
    #expect(options.direction == .bToA)
    #expect(options.models == ["m"])
    #expect(options.inputs == ["i", "j"])
  }

  @Test(arguments: [
    ("--epochs -3", "--epochs: -3 is out of range; it must be at least 0"),
    ("--epochs x", "--epochs: 'x' is not a whole number"),
    ("--epochs 2.5", "--epochs: '2.5' is not a whole number"),
    ("--epochs --", "--epochs needs a value: --epochs <count>"),
    ("--epochs", "--epochs needs a value: --epochs <count>"),
    ("--epochs --serial", "--epochs needs a value: --epochs <count>"),
    ("--epochs=", "--epochs needs a value: --epochs <count>"),
    (
      "--n_epochs 99999999999999999999",
      "--epochs: 99999999999999999999 is out of range; it must be at most 1000000"
    ),
    (
      "--epochs -99999999999999999999",
      "--epochs: -99999999999999999999 is out of range; it must be at least 0"
    ),
    ("--seed -1", "--seed: -1 is out of range; it must be at least 0"),
    (
      "--seed 18446744073709551616",
      "--seed: 18446744073709551616 is out of range; it must be a smaller number"
    ),
    ("--lr nan", "--lr: 'nan' is not a finite number"),
    ("--lr inf", "--lr: 'inf' is not a finite number"),
    ("--lr 1e999", "--lr: '1e999' is not a finite number"),
    ("--lr 0", "--lr: 0 is out of range; it must be above 0"),
    ("--beta1 1", "--beta1: 1 is out of range; it must be below 1"),
    ("--beta1 -0.1", "--beta1: -0.1 is out of range; it must be at least 0"),
    (
      "--generator resnet8",
      "--generator: 'resnet8' is none of resnet9, resnet6, unet256, unet128"
    ),
    ("--device gpu", "--device: 'gpu' is not one of auto, cpu, cuda, cuda:N, mps"),
    ("--device cuda:", "--device: 'cuda:' is not one of auto, cpu, cuda, cuda:N, mps"),
    ("--device cuda:-1", "--device: 'cuda:-1' is not one of auto, cpu, cuda, cuda:N, mps"),
    ("--dropout=yes", "--dropout takes no value"),
    (
      "--epoch 3",
      "--epoch has no counterpart: --epochs is their number; --init-from <run>/snapshots/epoch-0005 "
        + "starts from that one's weights"
    ),
    // Only names that the help shows are suggested, and never the opposite of what was typed.
    ("--n-epoch 3", "unknown option '--n-epoch'; 'cyclegan train --help' lists the options"),
    ("--output x", "unknown option '--output'; 'cyclegan train --help' lists the options"),
    ("--nodropout", "unknown option '--nodropout'; 'cyclegan train --help' lists the options"),
    ("--no-serial", "unknown option '--no-serial'; 'cyclegan train --help' lists the options"),
    ("--crop-sise=9", "unknown option '--crop-sise'; did you mean '--crop-size'?"),
    ("--gen resnet9", "unknown option '--gen'; did you mean '--generator'?"),
    ("--frobnicate", "unknown option '--frobnicate'; 'cyclegan train --help' lists the options"),
    ("-e", "unknown option '-e'; 'cyclegan train --help' lists the options"),
    ("-epochs 3", "unknown option '-epochs'; did you mean '--epochs'?"),
    ("-- c", "unexpected argument 'c'"),
  ])
  func mistakesAreNamed(_ words: String, _ message: String) {
    #expect(trainError("a b \(words)") == message)
  }

  @Test func missingArgumentsComeWithTheUsage() {
    #expect(
      throws: UsageError("<model> is missing", hint: "usage: cyclegan inspect <model> [options]")
    ) {
      try ArgumentParser<InspectOptions>(path: "cyclegan inspect").parse([])
    }
    #expect(throws: UsageError("<folderA> <folderB> is empty")) {
      try ArgumentParser<TrainOptions>(path: "cyclegan train").parse(["", "b"])
    }
  }

  /// A number after it belongs to the option; anything else does not.
  @Test(arguments: [
    (["x", "--label-smoothing"], 0.1), (["--label-smoothing", "x"], 0.1),
    (["x", "--label-smoothing", "--quiet"], 0.1), (["--label-smoothing", "0.2", "x"], 0.2),
    (["--label-smoothing=0.3", "x"], 0.3),
  ])
  func aNumberThatCanBeLeftOut(_ arguments: [String], expected: Double) throws {
    let parser = ArgumentParser<DCGANTrainOptions>(path: "cyclegan dcgan train")
    let options = try parser.parse(arguments).options
    #expect(options.configuration.losses.labelSmoothing == expected)
    #expect(options.data == ["x"])
  }
}
