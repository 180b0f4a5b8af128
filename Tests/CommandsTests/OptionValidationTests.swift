import Testing
import Training
import Translation

@testable import Commands

/// Options that are right by themselves but not together, and what may change on resume.
@Suite struct OptionValidationTests {
  private func error<Options: CommandOptions>(
    _ type: Options.Type, _ line: String
  ) -> UsageError? {
    do throws(UsageError) {
      _ = try ArgumentParser<Options>(path: "cyclegan \(Options.syntax.name)")
        .parse(line.split(separator: " ").map(String.init))
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    ("--crop-size 300", "--crop-size: 300 is larger than --load-size 286"),
    (
      "--preprocess scale-width-and-crop --load-size 128",
      "--crop-size: 256 is larger than --load-size 128"
    ),
    (
      "--crop-size 250",
      "--crop-size: 250 is not a multiple of 4, as resnet9 needs; 248 and 252 are"
    ),
    (
      "--preprocess crop --crop-size 300 --generator unet128",
      "--crop-size: 300 is not a multiple of 128, as unet128 needs; 256 and 384 are"
    ),
    // The PatchGAN of 3 layers halves three times and needs 3 pixels after that.
    (
      "--crop-size 20", "--crop-size: 20 is too small for these networks; it must be at least 24"
    ),
    (
      "--crop-size 4 --discriminator pixel",
      "--crop-size: 4 is too small for these networks; it must be at least 8"
    ),
    (
      "--channels-a 3 --channels-b 1",
      "--lambda-identity: 0.5 needs as many channels in A as in B, not 3 and 1; use "
        + "--lambda-identity 0"
    ),
    ("--channels-a 65", "--channels-a: '65' is not auto or a number of channels from 1 to 64"),
    ("--blocks 4 --generator unet256", "--blocks: unet256 has no residual blocks"),
    (
      "--skips features --generator unet128",
      "--skips: unet128 has connections of its own; features are for a ResNet"
    ),
    (
      "--resume --preset reference",
      "--preset: a resumed run has its settings; it is for new runs"
    ),
    (
      "--upsampling smoothed --generator unet128",
      "--upsampling: smoothed is for a ResNet, not for unet128"
    ),
    (
      "--upsampling bilinear --generator unet256",
      "--upsampling: bilinear is for a ResNet, not for unet256"
    ),
    (
      "--gradient-penalty 1 --gan-loss vanilla",
      "--gradient-penalty: it is for --gan-loss lsgan, not for vanilla"
    ),
    (
      "--gradient-penalty 1 --norm batch",
      "--gradient-penalty: it does not work with --norm batch, which ties images together; use "
        + "--norm instance"
    ),
    ("--penalty-every 2", "--penalty-every: this has no effect without --gradient-penalty"),
    (
      "--identity-every 2 --lambda-identity 0",
      "--identity-every: this has no effect with --lambda-identity 0"
    ),
    ("--identity-every 0", "--identity-every: 0 is out of range; it must be at least 1"),
    ("--cycle-decay 2", "--cycle-decay: 2 is out of range; it must be at most 1"),
    ("--ema-window 1.5", "--ema-window: 1.5 is out of range; it must be at most 1"),
    (
      "--discriminator pixel --discriminator-layers 3",
      "--discriminator-layers: a pixel discriminator has no layers to count"
    ),
    (
      "--gan-loss wgan-gp --norm batch",
      "--gan-loss: wgan-gp does not work with --norm batch; use --norm instance"
    ),
    ("--epochs 0 --decay-epochs 0", "--epochs: 0 and --decay-epochs 0 leave nothing to train"),
    ("--name a/b", "--name: 'a/b' cannot be the name of a folder"),
    ("--name ..", "--name: '..' cannot be the name of a folder"),
    (
      "--resume --init-from x",
      "--init-from: a resumed run has weights already; leave out --resume or this"
    ),
  ])
  func contradictionsAreNamed(_ words: String, _ message: String) {
    #expect(error(TrainOptions.self, "a b \(words)")?.description == message)
  }

  @Test(arguments: [
    "--preprocess crop --crop-size 512", "--preprocess none --crop-size 250",
    "--preprocess scale-width --load-size 100", "--crop-size 24", "--crop-size 256 --load-size 256",
    "--channels-a 1 --channels-b 1", "--channels-b 1 --lambda-identity 0",
    "--gan-loss wgan-gp --norm none", "--epochs 0", "--generator unet256", "--blocks 1",
    "--generator unet256 --skips none", "--preset reference --skips features --ema-window 0.1",
    "--upsampling bilinear --spectral-norm --gradient-penalty 0.1 --penalty-every 4",
    "--identity-every 2 --cycle-decay 0.5 --beta2 0.99 --discriminator-lr 0.0004 --norm none",
  ])
  func whatFitsIsAccepted(_ words: String) {
    #expect(error(TrainOptions.self, "a b \(words)") == nil)
  }

  @Test func foldersAreNeededUnlessResuming() throws {
    #expect(
      error(TrainOptions.self, "")
        == UsageError(
          "train needs <folderA> and <folderB>, or one folder with trainA and trainB in it",
          hint: "usage: cyclegan train <folderA> <folderB> [options]"))
    #expect(error(TrainOptions.self, "--resume --name x") == nil)
  }

  @Test func translateNeedsSomewhereToWrite() {
    #expect(
      error(TranslateOptions.self, "m i")
        == UsageError(
          "--output is missing: the folder for the translated images",
          hint: "usage: cyclegan translate <model> <input>... --output <folder> [options]"))
    #expect(
      error(TranslateOptions.self, "m i --output o --overwrite --skip-existing")?.description
        == "--skip-existing: --overwrite asks for the opposite")
  }

  @Test func benchNeedsASizeTheNetworksTake() {
    #expect(
      error(BenchOptions.self, "--crop-size 130")?.description
        == "--crop-size: 130 is not a multiple of 4, as resnet9 needs; 128 and 132 are")
    #expect(error(BenchOptions.self, "--crop-size 512") == nil)
    #expect(
      error(BenchOptions.self, "--network dcgan --crop-size 60")?.description
        == "--crop-size: 60 is not a size that a DCGAN makes; 28, 32, 64 and 128 are")
    #expect(error(BenchOptions.self, "--network dcgan") == nil)
  }

  @Test func benchTakesNoOptionThatHasNoEffect() {
    #expect(error(BenchOptions.self, "--images x --crop-size 64 --steps 2 --quiet") == nil)
    for option in [
      "network cyclegan", "generator resnet6", "batch-size 2", "precision fp32", "device cpu",
      "threads 1",
    ] {
      let name = option.prefix { $0 != " " }
      #expect(
        error(BenchOptions.self, "--pictures x --\(option)")?.description
          == "--\(name): this has no effect with --images, which times reading on one thread, "
          + "without networks")
    }
    #expect(
      error(BenchOptions.self, "--network dcgan --generator resnet6")?.description
        == "--generator: this has no effect with --network dcgan")
  }
}

/// `--resume`: the stored run's settings, and what the command line may change of them.
@Suite struct ResumeOptionsTests {
  private var stored: CycleGANConfiguration {
    var configuration = CycleGANConfiguration()
    configuration.data.folderA = "/sets/a"
    configuration.data.folderB = "/sets/b"
    configuration.optimization.learningRate = 0.0004
    configuration.networks.channelsB = 1
    configuration.losses.identityWeight = 0
    configuration.record.threads = 3
    return configuration
  }

  private func resumed(_ line: String) throws -> TrainOptions {
    let invocation = try ArgumentParser<TrainOptions>(path: "cyclegan train")
      .parse(["--resume"] + line.split(separator: " ").map(String.init))
    var options = invocation.options
    _ = try options.adopt(stored, step: 12, given: invocation.given)
    return options
  }

  @Test func withoutOptionsTheStoredRunGoesOn() throws {
    #expect(try resumed("").configuration == stored)
  }

  @Test func allButTheNetworksAndTheSeedMayChange() throws {
    var expected = stored
    expected.schedule.constantEpochs = 7
    expected.schedule.saveEvery = .steps(2000)
    expected.optimization.learningRate = 1e-4
    expected.optimization.policy = .cosine
    expected.losses.adversary = .hinge
    expected.losses.poolSize = 9
    expected.data.batchSize = 2
    expected.data.flip = false
    expected.record.changes = [
      OptionChange(step: 12, option: "save-every", from: "5", to: "2000steps"),
      OptionChange(step: 12, option: "epochs", from: "100", to: "7"),
      OptionChange(step: 12, option: "batch-size", from: "1", to: "2"),
      OptionChange(step: 12, option: "lr", from: "0.0004", to: "0.0001"),
      OptionChange(step: 12, option: "lr-policy", from: "linear", to: "cosine"),
      OptionChange(step: 12, option: "gan-loss", from: "lsgan", to: "hinge"),
      OptionChange(step: 12, option: "pool-size", from: "50", to: "9"),
      OptionChange(step: 12, option: "no-flip", from: "off", to: "on"),
    ]
    let options = try resumed(
      "--epochs 7 --steps 90 --save-every 2000steps --device cpu --lr 1e-4 --lr-policy cosine "
        + "--gan-loss hinge --pool-size 9 --batch-size 2 --no-flip")
    #expect(options.configuration == expected)
    #expect(options.call.maximumSteps == 90)
    #expect(options.compute.device.optionText == "cpu")
  }

  @Test func theRunsThreadsStayUnlessOthersAreAskedFor() throws {
    #expect(try resumed("").compute.threads == 3)
    let options = try resumed("--threads 1")
    #expect(options.compute.threads == 1)
    #expect(
      options.configuration.record.changes
        == [OptionChange(step: 12, option: "threads", from: "3", to: "1")])
  }

  @Test func movedFoldersReplaceTheStoredOnes() throws {
    let data = try resumed("x y").configuration.data
    #expect(data.folderA == "x")
    #expect(data.folderB == "y")
  }

  @Test func repeatingTheStoredValueIsNoChange() throws {
    #expect(try resumed("--lr 4e-4 --channels-b 1").configuration == stored)
  }

  @Test func otherNetworksAndAnotherSeedAreRefusedWithTheWayOut() {
    let wayOut =
      ", which --resume cannot change; start another run, under another --name"
    #expect(throws: UsageError("--dropout: on is not the run's off" + wayOut)) {
      try resumed("--dropout")
    }
    #expect(throws: UsageError("--blocks: 4 is not the run's 9" + wayOut)) {
      try resumed("--blocks 4")
    }
    #expect(throws: UsageError("--seed: 5 is not the run's 0" + wayOut)) {
      try resumed("--seed 5")
    }
    // The stored run has no identity loss.
    #expect(
      throws: UsageError("--identity-every: this has no effect with --lambda-identity 0")
    ) { try resumed("--identity-every 2") }
  }

  /// `config.json` is a file like others, and may hold anything.
  @Test func aStoredValueOutOfRangeIsNamed() {
    var broken = CycleGANConfiguration()
    broken.networks.generatorFilters = 0
    #expect(
      throws: UsageError("--generator-filters: 0 is out of range; it must be at least 1")
    ) { try TrainOptions.check(CycleGANRequest(broken)) }
  }

  /// The losses that CycleGAN has not, with the reason.
  @Test func lossesOfOtherGANsAreRefused() {
    for loss in ["wgan", "began", "saturating"] {
      let error = #expect(throws: UsageError.self) {
        _ = try ArgumentParser<TrainOptions>(path: "cyclegan train")
          .parse(["a", "b", "--gan-loss", loss])
      }
      #expect(
        error?.description.hasPrefix("--gan-loss: \(loss) is not for CycleGAN, because it ") == true
      )
    }
  }

  @Test func theGeneratorsNameBringsItsBlocks() throws {
    let options = try ArgumentParser<TrainOptions>(path: "cyclegan train")
      .parse(["a", "b", "--generator", "resnet6"]).options
    #expect(options.request.decided.networks.blocks == 6)
    #expect(throws: UsageError("--blocks: unet128 has no residual blocks")) {
      try ArgumentParser<TrainOptions>(path: "cyclegan train")
        .parse(["a", "b", "--generator", "unet128", "--blocks", "2"])
    }
  }
}
