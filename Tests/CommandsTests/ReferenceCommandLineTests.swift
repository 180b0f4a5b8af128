import Foundation
import TestSupport
import Testing
import Training
import Translation

@testable import Commands

/// The reference's command lines, typed as they stand in its README and tips.
struct ReferenceCommandLineTests {
  private func train(_ line: String) throws -> TrainOptions {
    try ArgumentParser<TrainOptions>(path: "cyclegan train").parse(words(line)).options
  }

  private func translate(_ line: String) throws -> TranslateOptions {
    try ArgumentParser<TranslateOptions>(path: "cyclegan translate").parse(words(line)).options
  }

  private func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

  @Test func theReadmeShowsTheTable() throws {
    let readme = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("README.md")
    let text = try String(contentsOf: readme, encoding: .utf8)
    #expect(text.contains(ReferenceOption.markdown), "the table is \(ReferenceOption.markdown)")
  }

  /// Taken or answered, every name is known, with dashes and underscores.
  @Test func everyNameIsKnown() {
    for row in ReferenceOption.table {
      for name in row.names {
        if row.script != .test {
          #expect(TrainOptions.syntax.option(named: name) != nil, "train --\(name)")
        }
        if row.script != .train {
          #expect(TranslateOptions.syntax.option(named: name) != nil, "translate --\(name)")
        }
      }
    }
  }

  @Test func theReadmesTraining() throws {
    let options = try train(
      "--dataroot ./datasets/maps --name maps_cyclegan --model cycle_gan")
    #expect(options.configuration.data.folderA == "./datasets/maps/trainA")
    #expect(options.configuration.data.folderB == "./datasets/maps/trainB")
    #expect(options.call.name == "maps_cyclegan")
  }

  @Test func theOptionsOfAScript() throws {
    let options = try train(
      """
      --dataroot D --name n --model cycle_gan --dataset_mode unaligned --gpu_ids -1 --pool_size 50 \
      --no_dropout --batch_size 4 --print_freq 100 --display_freq 401 \
      --num_threads 0 --phase val --direction BtoA --netG resnet_6blocks --input_nc 1 \
      --lambda_identity 0 --load_size 143 --crop_size 128 --preprocess resize_and_crop
      """)
    #expect(options.configuration.data.folderA == "D/valB")
    #expect(options.configuration.data.folderB == "D/valA")
    // The folders are swapped, and input_nc is about the one that is translated.
    #expect(options.request.channelsA == 1)
    #expect(options.request.channelsB == nil)
    #expect(options.compute.device.optionText == "cpu")
    // Four images a step: 100 and 401 images are 25 and 100 steps.
    #expect(options.configuration.schedule.logEvery == 25)
    #expect(options.configuration.schedule.sampleEvery == 100)
    #expect(options.workers.count == 1)
  }

  @Test func goingOn() throws {
    let options = try train("--dataroot D --name n --continue_train --epoch_count 6 --gpu_ids 0")
    #expect(options.call.resume)
    #expect(options.compute.device.optionText == "cuda:0")
    #expect(throws: UsageError.self) { try train("--dataroot D --epoch_count 6") }
  }

  @Test func theReadmesTests() throws {
    let pretrained = try translate(
      "--dataroot datasets/horse2zebra/testA --name horse2zebra_pretrained --model test --no_dropout"
    )
    #expect(pretrained.models == ["checkpoints/horse2zebra_pretrained"])
    #expect(pretrained.inputs == ["datasets/horse2zebra/testA"])
    #expect(pretrained.output == "results/horse2zebra_pretrained")
    let trained = try translate(
      "--dataroot ./datasets/maps --name maps_cyclegan --model cycle_gan --direction BtoA --epoch 20 "
        + "--num_test 7 --eval --results_dir out --checkpoints_dir c --gpu_ids -1")
    #expect(trained.models == ["c/maps_cyclegan"])
    #expect(trained.inputs == ["./datasets/maps/testB"])
    #expect(trained.output == "out" && trained.epoch == .number(20))
    #expect(trained.maximumImages == 7 && trained.direction == .bToA)
    let mixed = try translate("a.jpg --name n --model_suffix _B --output o")
    #expect(mixed.models == ["checkpoints/n"] && mixed.inputs == ["a.jpg"])
    #expect(mixed.direction == .bToA)
  }

  /// Its questions and answers: a model without the discriminators, on whole images.
  @Test func oneSideOfATrainedModel() throws {
    let options = try translate(
      "--model test --dataroot ./datasets/horse2zebra/trainA --name h --model_suffix _A --preprocess none"
    )
    #expect(options.inputs == ["./datasets/horse2zebra/trainA"] && options.direction == .aToB)
  }

  /// As its documents had them before they were renamed.
  @Test func namesBefore2019() throws {
    let training = try train(
      """
      --dataroot D --which_direction BtoA --which_model_netG resnet_6blocks --which_model_netD pixel \
      --niter 3 --niter_decay 4 --loadSize 1024 --fineSize 360 --batchSize 2 --nThreads 5 \
      --resize_or_crop scale_width_and_crop --lr_policy lambda
      """)
    let configuration = training.configuration
    #expect(configuration.data.folderA == "D/trainB")
    #expect(configuration.networks.generator == .resnet6)
    #expect(configuration.networks.discriminator == .pixel)
    #expect(configuration.schedule.constantEpochs == 3 && configuration.schedule.decayEpochs == 4)
    #expect(configuration.data.loadSize == 1024 && configuration.data.cropSize == 360)
    #expect(configuration.data.batchSize == 2 && training.workers.count == 5)
    #expect(configuration.data.preprocessing == .scaleWidthAndCrop)
    #expect(configuration.optimization.policy == .linear)
    let testing = try translate(
      "--dataroot D/testB --name n --which_direction BtoA --which_epoch 7 --how_many 3 --nThreads 1 "
        + "--resize_or_crop none")
    #expect(testing.direction == .bToA && testing.epoch == .number(7))
    #expect(testing.maximumImages == 3)
  }

  @Test(arguments: [
    (
      "train D --display_port 8097",
      "--display_port has no counterpart: every run writes report.html"
    ),
    (
      "train D --use_wandb",
      "--use_wandb has no counterpart: every run writes report.html"
    ),
    (
      "train D --save_latest_freq 5000",
      "--save_latest_freq has no counterpart: snapshots are saved by --save-every, and when a run is "
        + "interrupted"
    ),
    (
      "train --dataroot ./datasets/facades --name facades_pix2pix --model pix2pix --direction BtoA",
      "--model: pix2pix learns from pairs of images; here two folders without pairs are learned "
        + "from: --model cycle_gan"
    ),
    (
      "translate --dataroot ./datasets/facades/ --direction BtoA --model pix2pix --name p",
      "--model: pix2pix takes its images from files of pairs; put them into a folder of their own and "
        + "write --model test"
    ),
    (
      "translate m a.jpg --output o --preprocess scale_width --crop_size 1024",
      "--crop_size has no counterpart: images are translated at their own size; --size makes the "
        + "shorter side this long"
    ),
    (
      "translate m a.jpg --output o --preprocess scale_width",
      "--preprocess: images are translated at their own size; --size makes the shorter side this long"
    ),
    (
      "train D --no_html --name n",
      "--no_html has no counterpart: every run writes report.html"
    ),
    (
      "train D --lambda_L1 100",
      "--lambda_L1 has no counterpart: it is pix2pix's, which learns from pairs of images; leave it out"
    ),
    ("train D --no_lsgan", "--no_lsgan has no counterpart: write --gan-loss vanilla"),
    ("train D --gpu_ids 0,1", "--gpu-ids: '0,1' is not the number of one GPU, or -1 for the CPU"),
    (
      "train D --display_id -1",
      "--display_id has no counterpart: every run writes report.html"
    ),
    (
      "train A --dataroot D",
      "--dataroot: the folders are given already; leave out one of the two"
    ),
    (
      "translate m a.jpg --output o --netG resnet_9blocks",
      "--netG has no counterpart: the architecture is read from the weights; leave it out"
    ),
    (
      "translate m a.jpg --output o --load_size 256",
      "--load_size has no counterpart: images are translated at their own size; --size makes the "
        + "shorter side this long"
    ),
    ("translate", "<model> is missing"),
    ("translate m", "<input>... is missing"),
  ])
  func whatIsNotTakenIsAnswered(_ line: String, _ message: String) {
    let recording = Recording()
    let code = CommandLineTool.cyclegan.run(words(line), recording.context)
    #expect(code == .usage)
    #expect(recording.standardError.hasSuffix("error: \(message)\n"), "\(recording.standardError)")
  }
}
