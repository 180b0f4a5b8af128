import Benchmarks
import Datasets
import Demo
import Models
import Synthesis
import Training
import Translation

typealias DCGANTrainOptions = GANTrainOptions<DCGANKind>
typealias MLPTrainOptions = GANTrainOptions<MLPKind>

/// What `dcgan train` and `gan train` can be told.
struct GANTrainOptions<Kind: GANKind>: RunOptions {
  var request = GANRequest(Kind.model)
  var call = RunCallOptions(name: Kind.model.rawValue)
  var compute = ComputeOptions()
  var workers = WorkerOptions()
  var cache = CacheSize.automatic
  var console = ConsoleOptions()
  /// As given: one folder, or none to resume.
  var data: [String] = []

  static var memoryAdvice: String {
    Kind.model == .dcgan ? "lower --size, --batch-size or --filters" : "lower --size or --hidden"
  }

  /// Of a DCGAN; 1 for networks that have none.
  var filters: Int {
    get {
      if case .dcgan(let filters) = configuration.networks.architecture { filters } else { 1 }
    }
    set { configuration.networks.architecture = .dcgan(filters: newValue) }
  }

  /// Of fully connected networks; 1 for those that have none.
  var hidden: LayerWidths {
    get {
      guard case .mlp(let hidden) = configuration.networks.architecture, !hidden.isEmpty else {
        return LayerWidths([1])
      }
      return LayerWidths(hidden)
    }
    set { configuration.networks.architecture = .mlp(hidden: newValue.widths) }
  }

  static var syntax: CommandSyntax<Self> {
    CommandSyntax(
      name: "train",
      summary: Kind.trainSummary,
      usage: ["train <data> [options]"],
      discussion: Kind.trainDiscussion,
      positionals: [
        .several(
          "<data>",
          "a folder of JPEG and PNG images, whose subfolders are classes; or one with MNIST's four "
            + "files or CIFAR-10's binary batches. Not needed with --resume.",
          \.data, count: 0...1)
      ],
      groups: [run, images, length, networks, losses, tricks],
      examples: [
        "train datasets/faces --name faces",
        "train datasets/cifar-10-batches-bin --class frog --name frogs",
        "train --name faces --resume --epochs 150",
      ])
  }

  var hasData: Bool { !data.isEmpty }

  func copyData(to other: inout Self) {
    other.configuration.data.path = configuration.data.path
  }

  mutating func makeDataAbsolute() {
    configuration.data.path = absolutePath(configuration.data.path)
  }

  /// A run that is resumed brings its own configuration, so that only `adopt` can check the result.
  mutating func complete(given: Set<String>) throws(UsageError) {
    try call.check()
    configuration.data.path = data.first ?? ""
    if call.resume { return }
    guard hasData else {
      throw UsageError(
        "\(Kind.model.rawValue) train needs <data>: a folder of images, of MNIST's files or of "
          + "CIFAR-10's batches",
        hint: "usage: cyclegan \(Kind.model.rawValue) \(Self.syntax.usage[0])")
    }
    try checkUse(of: given)
    try Self.check(request)
  }
}
