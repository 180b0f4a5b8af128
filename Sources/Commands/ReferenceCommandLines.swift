import Foundation
import Training
import Translation

/// The reference implementation's options, as its `train.py` and `test.py` take them: what stands for each here.
/// README.md shows this table, and a test compares the two.
///
/// Every name of it is understood by the command that the row is about: it is taken with its meaning, or
/// answered with what to write instead. None is taken as something that only looks alike.
struct ReferenceOption: Sendable {
  /// The reference's script, and with it our command.
  enum Script: String, Sendable {
    case train = "`train.py`"
    case test = "`test.py`"
    case both = "both"
  }

  /// As the reference writes them, without the dashes.
  let names: [String]
  let script: Script
  /// In the README's Markdown.
  let here: String
  /// What the user is told who writes one of the names; `nil` where it is taken.
  let answer: String?

  private init(_ script: Script, _ names: String, _ here: String, _ answer: String? = nil) {
    self.names = names.split(separator: " ").map(String.init)
    self.script = script
    self.here = here
    self.answer = answer
  }

  static let table: [ReferenceOption] = [
    .init(.train, "dataroot", "the same, or `train D`, or two folders: `train A B`"),
    .init(.test, "dataroot", "the same, or `translate <model> <input>...`"),
    .init(.train, "name checkpoints_dir", "`--name`, `--checkpoints-dir`"),
    .init(
      .test, "name checkpoints_dir", "the same, or the folder itself: `translate checkpoints/N`"),
    .init(
      .train, "model dataset_mode",
      "only `cycle_gan` and `unaligned`: a pix2pix learns from pairs, which is not possible here"),
    .init(
      .test, "model dataset_mode",
      "`cycle_gan` takes `testA` (or `testB`) of `--dataroot`, `test` (`single`) the folder itself"),
    .init(.both, "phase", "the same: the beginning of the folders' names"),
    .init(.both, "gpu_ids", "`-1` or one number, or `--device auto\\|cpu\\|cuda\\|cuda:N`"),
    .init(.both, "num_threads", "`--workers`"),
    .init(.train, "direction", "the same: `BtoA` swaps the two folders"),
    .init(.test, "direction", "`--direction a-to-b\\|b-to-a`; the reference's words as well"),
    .init(
      .train, "netG",
      "`--generator resnet9\\|resnet6\\|unet256\\|unet128`, `--blocks N` for any number"),
    .init(.train, "netD n_layers_D", "`--discriminator patch\\|pixel`, `--discriminator-layers`"),
    .init(.train, "ngf ndf", "`--generator-filters`, `--discriminator-filters`"),
    .init(.train, "norm", "`--norm instance\\|batch\\|none`"),
    .init(.train, "no_dropout", "the default; `--dropout` turns it on"),
    .init(.train, "init_type init_gain", "`--init`, `--init-gain`"),
    .init(.train, "input_nc output_nc", "`--channels-a`, `--channels-b`"),
    .init(
      .train, "gan_mode",
      "`--gan-loss lsgan\\|vanilla\\|hinge\\|wgan-gp`; the gradient penalty is really applied"),
    .init(
      .train, "lambda_A lambda_B lambda_identity", "`--lambda-a`, `--lambda-b`, `--lambda-identity`"
    ),
    .init(
      .train, "n_epochs n_epochs_decay lr beta1 lr_policy",
      "`--epochs`, `--decay-epochs`, `--lr`, `--beta1`, `--lr-policy`"),
    .init(.train, "batch_size pool_size", "`--batch-size`, `--pool-size`"),
    .init(
      .train, "load_size crop_size preprocess no_flip",
      "the same with dashes; `resize-and-crop`, `scale-width`, ..."),
    .init(.train, "serial_batches max_dataset_size", "`--serial`, `--max-images`"),
    .init(.train, "continue_train", "`--resume`, which goes on exactly where the run stopped"),
    .init(.train, "epoch_count", "taken with `--continue_train`: a run knows its epoch"),
    .init(.train, "save_epoch_freq", "`--save-every`"),
    .init(
      .train, "print_freq display_freq",
      "the same (images), or `--log-every`, `--sample-every` (steps)"),
    .init(.test, "num_test", "the same; all images without it"),
    .init(.test, "results_dir", "`--output`"),
    .init(.test, "epoch", "`latest` or a number, as there"),
    .init(.test, "eval no_dropout no_flip", "always so"),
    .init(.test, "model_suffix", "`_A` or `_B`: the direction"),
    .init(
      .train, "save_latest_freq save_by_iter", "`--save-every`",
      "snapshots are saved by --save-every, and when a run is interrupted"),
    .init(
      .train, "epoch load_iter", "`--init-from checkpoints/N/snapshots/epoch-0005`",
      "--epochs is their number; --init-from <run>/snapshots/epoch-0005 starts from that one's weights"
    ),
    .init(
      .train, "lr_decay_iters", "`--lr-policy step` falls every 50 epochs",
      "--lr-policy step falls every 50 epochs"),
    .init(.train, "suffix", "part of `--name`", "write the whole name with --name"),
    .init(
      .train,
      "display_id no_html update_html_freq display_ncols display_server display_env display_port "
        + "display_winsize use_wandb wandb_project_name",
      "`report.html` in the run's folder", "every run writes report.html"),
    .init(
      .train, "lambda_L1", "pix2pix's, which learns from pairs",
      "it is pix2pix's, which learns from pairs of images; leave it out"),
    .init(
      .train, "verbose", "nothing stands for it", "there is nothing it could change; leave it out"),
    .init(.test, "preprocess", "`none`, which is always so, or `--size`"),
    .init(
      .test, "load_size crop_size", "`--size`",
      "images are translated at their own size; --size makes the shorter side this long"),
    .init(
      .test, "netG ngf norm input_nc output_nc init_type init_gain", "read from the weights",
      "the architecture is read from the weights; leave it out"),
    .init(
      .train,
      "loadSize fineSize resize_or_crop batchSize niter niter_decay nThreads which_direction "
        + "which_model_netG which_model_netD",
      "the same: what the reference called them before 2019"),
    .init(
      .train, "identity", "`--lambda-identity`",
      "its present name is --lambda_identity, a multiple of the cycle loss's weight"),
    .init(.train, "no_lsgan", "`--gan-loss vanilla`", "write --gan-loss vanilla"),
    .init(
      .test, "how_many which_epoch which_direction nThreads resize_or_crop",
      "the same: what the reference called them before 2019"),
    .init(
      .test, "which_model_netG loadSize fineSize", "as `netG`, `load_size` and `crop_size` above",
      "the architecture is read from the weights, and images keep their size; leave it out"),
    .init(
      .test, "aspect_ratio", "results have the shape of their image",
      "results have the shape of their image"),
    .init(
      .test, "load_iter suffix display_winsize use_wandb verbose serial_batches max_dataset_size",
      "nothing stands for them", "there is nothing it could change; leave it out"),
  ]

  /// The README's table.
  static var markdown: String {
    let rows = table.map { row in
      let names = row.names.map { "`--\($0)`" }.joined(separator: ", ")
      return "| \(names) | \(row.script.rawValue) | \(row.here) |"
    }
    return (["| reference | of | here |", "| --- | --- | --- |"] + rows).joined(separator: "\n")
  }

  /// Rows for the options of a command that are answered.
  static func answered<Options>(_ script: Script) -> [Option<Options>] {
    table.filter { $0.answer != nil && ($0.script == script || $0.script == .both) }.flatMap {
      row in
      row.names.map { .answered($0, row.answer ?? "") }
    }
  }
}

extension Option {
  /// An option that is known and not taken: whoever writes it is told what to do instead.
  static func answered(_ name: String, _ answer: String) -> Option {
    Option(
      name: canonical(name), valueName: "value", help: answer, choices: [], defaultWords: nil,
      text: { _ in nil },
      set: { _, _ throws(UsageError) in
        throw UsageError("--\(name) has no counterpart: \(answer)")
      },
      copy: { _, _ in }
    ).hidden().alone("")
  }
}

/// What the reference's `train.py` says in its own way.
struct ReferenceTrainSettings: OptionGroup {
  enum Model: String, CaseIterable, Sendable {
    case cycleGAN = "cycle-gan"
    case pix2pix, colorization
  }

  enum DatasetMode: String, CaseIterable, Sendable {
    case unaligned
    case aligned, colorization
  }

  enum Direction: String, CaseIterable, Sendable {
    case aToB = "atob"
    case bToA = "btoa"
  }

  /// Holds the two folders.
  var dataroot: String?
  /// What the folders' names begin with.
  var phase = "train"
  var model = Model.cycleGAN
  var datasetMode = DatasetMode.unaligned
  var direction = Direction.aToB
  /// The epoch that a run starts or goes on with.
  var epochCount = 1
  /// In images.
  var printEvery: Int?
  var displayEvery: Int?

  static var rows: [Option<Self>] { understood.map { $0.hidden() } }

  private static let understood: [Option<ReferenceTrainSettings>] = [
    .value("dataroot", "folder", "folder with trainA and trainB", \.dataroot),
    .value("phase", "name", "beginning of the folders' names", \.phase),
    .choice("model", "name", "only a CycleGAN is trained", \.model, among: [.cycleGAN]),
    .choice("dataset-mode", "name", "images have no pairs", \.datasetMode, among: [.unaligned]),
    .choice(
      "direction", "way", "which folder is A", \.direction,
      synonyms: ["a-to-b": .aToB, "b-to-a": .bToA]
    ).alias("which-direction"),
    .value("epoch-count", "epoch", "taken with --resume", \.epochCount, in: 0...1_000_000),
    .value(
      "print-freq", "images", "images between lines of metrics.jsonl", \.printEvery,
      in: 1...1_000_000_000, default: ""),
    .value(
      "display-freq", "images", "images between sample sheets", \.displayEvery,
      in: 1...1_000_000_000, default: ""),
  ]

  /// Puts what was said into the options of `train`.
  func apply(to options: inout TrainOptions) throws(UsageError) {
    guard model == .cycleGAN, datasetMode == .unaligned else {
      let option = model == .cycleGAN ? "dataset_mode" : "model"
      let word = model == .cycleGAN ? datasetMode.rawValue : model.rawValue
      throw UsageError(
        "--\(option): \(word) learns from pairs of images; here two folders without pairs are "
          + "learned from: --model cycle_gan")
    }
    if let dataroot {
      guard options.folders.isEmpty else {
        throw UsageError("--dataroot: the folders are given already; leave out one of the two")
      }
      let root = URL(fileURLWithPath: dataroot, isDirectory: true)
      options.folders = ["A", "B"].map { root.appendingPathComponent(phase + $0).relativePath }
    } else if phase != "train" {
      throw UsageError("--phase: this has no effect without --dataroot")
    }
    if direction == .bToA {
      guard options.folders.count == 2 else {
        throw UsageError("--direction: give the two folders the other way round: train B A")
      }
      // The channels stay: the reference counts them after it has swapped the folders.
      options.folders.reverse()
    }
    if epochCount > 1, !options.call.resume {
      throw UsageError(
        "--epoch_count has no counterpart: a run that goes on by --resume knows its epoch, and one "
          + "that starts from weights by --init-from begins with the first")
    }
    // A step takes a batch; theirs counts images.
    let batchSize = options.configuration.data.batchSize
    if let printEvery {
      options.configuration.schedule.logEvery = max(1, printEvery / batchSize)
    }
    if let displayEvery {
      options.configuration.schedule.sampleEvery = max(1, displayEvery / batchSize)
    }
  }
}

/// What the reference's `test.py` says in its own way.
struct ReferenceTestSettings: OptionGroup {
  enum Model: String, CaseIterable, Sendable {
    case test
    case cycleGAN = "cycle-gan"
    case pix2pix, colorization
  }

  enum DatasetMode: String, CaseIterable, Sendable {
    case single, unaligned
    case aligned, colorization
  }

  enum Preprocessing: String, CaseIterable, Sendable {
    case none
    case resizeAndCrop = "resize-and-crop"
    case crop
    case scaleWidth = "scale-width"
    case scaleWidthAndCrop = "scale-width-and-crop"
  }

  enum Suffix: String, CaseIterable, Sendable {
    case aToB = "-a"
    case bToA = "-b"
  }

  var dataroot: String?
  var phase = "test"
  var name: String?
  var checkpointsDirectory = "checkpoints"
  var model = Model.test
  var datasetMode: DatasetMode?
  var suffix: Suffix?
  var preprocessing = Preprocessing.none
  var isAlwaysSo = false

  static var rows: [Option<Self>] { understood.map { $0.hidden() } }

  private static let understood: [Option<ReferenceTestSettings>] = [
    .value("dataroot", "folder", "the images", \.dataroot),
    .value("phase", "name", "beginning of the folder's name", \.phase),
    .value("name", "name", "name of the run", \.name),
    .value("checkpoints-dir", "folder", "folder that holds the runs", \.checkpointsDirectory),
    .choice(
      "model", "name", "whether --dataroot holds testA and testB", \.model,
      among: [.test, .cycleGAN]),
    .choice("dataset-mode", "name", "the same", \.datasetMode, default: ""),
    .choice(
      "preprocess", "way", "images keep their size", \.preprocessing, among: [Preprocessing.none]
    ).alias("resize-or-crop"),
    .choice("model-suffix", "suffix", "direction of the translation", \.suffix, default: ""),
    .flag("eval", "always so", \.isAlwaysSo),
    .flag("no-dropout", "always so", \.isAlwaysSo),
    .flag("no-flip", "always so", \.isAlwaysSo),
  ]

  /// Puts what was said into the options of `translate`.
  func apply(to options: inout TranslateOptions) throws(UsageError) {
    if model == .pix2pix || model == .colorization {
      throw UsageError(
        "--model: \(model.rawValue) takes its images from files of pairs; put them into a folder of "
          + "their own and write --model test")
    }
    if datasetMode == .aligned || datasetMode == .colorization {
      throw UsageError(
        "--dataset_mode: files of pairs are not read; put the images into a folder of their own and "
          + "write --dataset_mode single")
    }
    guard preprocessing == .none else {
      throw UsageError(
        "--preprocess: images are translated at their own size; --size makes the shorter side this "
          + "long")
    }
    if let suffix { options.direction = suffix == .aToB ? .aToB : .bToA }
    if let name {
      let run = URL(fileURLWithPath: checkpointsDirectory).appendingPathComponent(name)
      // Then the model needs no place of its own.
      options.inputs = options.models + options.inputs
      options.models = [run.relativePath]
      if options.output.isEmpty {
        options.output = URL(fileURLWithPath: "results").appendingPathComponent(name).relativePath
      }
    }
    guard let dataroot else { return }
    guard options.inputs.isEmpty else {
      throw UsageError("--dataroot: images are given already; leave out one of the two")
    }
    let hasDomains = model == .cycleGAN || datasetMode == .unaligned
    let domain = options.direction == .aToB ? "A" : "B"
    options.inputs = [
      hasDomains
        ? URL(fileURLWithPath: dataroot).appendingPathComponent(phase + domain).relativePath
        : dataroot
    ]
  }
}

extension WeightsFolder.Epoch: OptionValue {
  static var kind: String { "best, latest or the number of an epoch" }
  static let help =
    "best by validation, latest, or the number of an epoch's snapshot (default: best, where there is one)"

  init?(optionText text: String) {
    if text.lowercased() == "best" {
      self = .best
    } else if text.lowercased() == "latest" {
      self = .latest
    } else if let number = Int(text), number > 0 {
      self = .number(number)
    } else {
      return nil
    }
  }

  var optionText: String {
    switch self {
    case .best: "best"
    case .latest: "latest"
    case .number(let number): "\(number)"
    }
  }
}

/// The reference's name of a device.
struct GPUNumber: OptionValue, Equatable {
  static var kind: String { "the number of one GPU, or -1 for the CPU" }

  private let number: Int

  /// `nil` for a device that only has a name of ours.
  init?(_ device: DeviceName) {
    let text = device.optionText
    guard let number = text == "cpu" ? -1 : text.hasPrefix("cuda:") ? Int(text.dropFirst(5)) : nil
    else { return nil }
    self.number = number
  }

  init?(optionText text: String) {
    guard let number = Int(text), (-1...999).contains(number) else { return nil }
    self.number = number
  }

  var optionText: String { "\(number)" }

  var device: DeviceName? { DeviceName(optionText: number < 0 ? "cpu" : "cuda:\(number)") }
}
