import Datasets
import Files
import Synthesis

/// What `dcgan classify` and `gan classify` can be told.
struct GANClassifyOptions<Kind: GANKind>: CommandOptions {
  /// A run's folder, a snapshot in it, or a weights file.
  var model = ""
  var inputs: [String] = []
  var json = false
  /// Where the true classes come from; `nil` for none.
  var truth: ClassificationTruth?
  var input = GivenImageOptions()
  var compute = ComputeOptions()
  var console = ConsoleOptions()

  static var memoryAdvice: String { "lower --max-images" }

  static var syntax: CommandSyntax<Self> {
    CommandSyntax(
      name: "classify",
      summary: "names the classes of images",
      usage: ["classify <model> <images>... [options]"],
      discussion: """
        Names the class of each image with the discriminator of a run with --condition acgan or sgan. A line of CSV \
        for each goes to the standard output: the image, the likeliest class and its probability.
        """,
      positionals: [
        .one("<model>", "a run's folder, one snapshot in it, or a weights file", \.model),
        .several("<images>...", GivenImageOptions.inputsHelp, \.inputs, count: 1...Int.max),
      ],
      groups: [
        OptionSection(
          "results",
          [
            .flag("json", "write JSON, with the probabilities of all classes", \.json),
            .choice(
              "truth", "what",
              "compare with the true classes, which are the names of the images' folders, or what the labels of "
                + "MNIST's and CIFAR-10's files say: adds a column, and a confusion matrix to --json or on the "
                + "standard error",
              \.truth, default: "none"),
          ],
          .embedded(\.console)),
        OptionSection("images", .embedded(\.input)),
        OptionSection("computing", .embedded(\.compute)),
      ],
      examples: [
        "classify checkpoints/digits digit.png",
        "classify checkpoints/digits digits/test --truth folders",
      ])
  }
}

/// Where the true classes of images come from.
enum ClassificationTruth: String, CaseIterable, Sendable {
  /// As training takes them: see `GivenImages.className`.
  case folders
}

/// `cyclegan dcgan classify` and `cyclegan gan classify`.
enum GANClassifyCommand {
  static func run<Kind: GANKind>(
    _ invocation: Invocation<GANClassifyOptions<Kind>>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let console = context.console
    let url = try ModelPath.url(
      options.model, of: [.dcgan, .gan], for: "\(Kind.model.rawValue) classify")
    let device = try options.compute.prepareDevice()
    let classifier = try SampleClassifier(at: url, device: device)
    ModelPath.tell(classifier.file, notices: classifier.notices, console)
    let networks = classifier.configuration
    let images = try options.input.images(
      at: options.inputs, size: networks.size, channels: networks.channels, console)
    let known = ClassNames(classifier.classes)

    var report = ClassificationReport(classes: classifier.classes, hasTruth: options.truth != nil)
    if !options.json { console.resultText(report.head) }
    var passes = ImagePasses(images, context)
    func truth(_ index: Int) throws(FileError) -> Int? {
      guard options.truth != nil else { return nil }
      let name = images.name(at: index)
      guard let found = images.className(at: index) else {
        throw FileError(path: name, reason: "there are no labels that say the class")
      }
      return try known.place(named: found, path: name)
    }
    let isWhole = try Interrupt.finishing {
      try passes.run(with: truth) { index, image, truth in
        let line = report.add(
          images.name(at: index), try classifier.probabilities(of: image), truth: truth)
        if !options.json { console.resultText(line) }
      }
    }
    guard isWhole else { return .interrupted }
    guard !report.images.isEmpty else { return passes.exitCode }
    if options.json {
      console.resultText(try json(report) + "\n")
    } else {
      // The standard output is one table.
      for line in report.confusionLines { console.notice(line) }
    }
    if let words = report.accuracyWords { console.notice(words) }
    return passes.exitCode
  }
}
