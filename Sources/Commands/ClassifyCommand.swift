import Datasets
import Files
import Foundation
import Imaging
import Synthesis
import Wording

/// What `dcgan classify` and `gan classify` can be told.
struct GANClassifyOptions<Kind: GANKind>: CommandOptions {
  /// A run's folder, a snapshot in it, or a weights file; then files and folders of images.
  var inputs: [String] = []
  var json = false
  /// Where the true classes come from; `nil` for none.
  var truth: ClassificationTruth?
  /// What shows through transparent pixels.
  var background = Color.white
  var reading = ReadOptions()
  var compute = ComputeOptions()
  var console = ConsoleOptions()

  static var memoryAdvice: String { "lower --max-pixels" }

  static var syntax: CommandSyntax<Self> {
    CommandSyntax(
      name: "classify",
      summary: "names the classes of images",
      usage: ["classify <model> <image or folder>... [options]"],
      discussion: """
        Names the class of each image with the discriminator of a run with --condition acgan or sgan. A line of CSV for \
        each goes to the standard output: the image, the likeliest class and its probability.
        """,
      positionals: [
        .several(
          "<input>...",
          "a run's folder, one snapshot in it, or a weights file; then images, or folders of them",
          \.inputs, count: 1...1_000_000)
      ],
      groups: [
        OptionSection(
          "results",
          [
            .flag("json", "write JSON, with the probabilities of all classes", \.json),
            .choice(
              "truth", "what",
              "compare with the true classes, which are the names of the images' folders: adds a confusion matrix",
              \.truth, default: "none"),
          ],
          .embedded(\.console)),
        OptionSection(
          "images",
          [.value("background", "color", "color behind transparent pixels", \.background)],
          .embedded(\.reading)),
        OptionSection("computing", .embedded(\.compute)),
      ],
      examples: [
        "classify checkpoints/digits digit.png",
        "classify checkpoints/digits digits/test --truth folders",
      ])
  }

  mutating func complete(given: Set<String>) throws(UsageError) {
    guard inputs.count > 1 else {
      throw UsageError(
        "\(Kind.model.rawValue) classify needs <model> and <image or folder>...",
        hint: "usage: cyclegan \(Kind.model.rawValue) \(Self.syntax.usage[0])")
    }
  }
}

/// Where the true classes of images come from.
enum ClassificationTruth: String, CaseIterable, Sendable {
  /// The names of the folders in a given one, as training takes them; of a file that is given alone, its folder's.
  case folders
}

/// `cyclegan dcgan classify` and `cyclegan gan classify`.
enum GANClassifyCommand {
  static func run<Kind: GANKind>(
    _ invocation: Invocation<GANClassifyOptions<Kind>>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let console = context.console
    let url = try ModelPath.url(options.inputs[0])
    let device = try options.compute.prepareDevice()
    let classifier = try SampleClassifier(at: url, device: device)
    let file = classifier.file.relativePath
    for notice in classifier.notices { console.notice("\(file): \(notice)") }
    let images = try images(options.inputs.dropFirst(), console).flatMap { file, folder in
      ImagePage.all(in: [file], options.reading).map { (page: $0, folder: folder) }
    }
    let known = ClassNames(classifier.classes)
    let networks = classifier.configuration
    let preparation = SquarePreparation(
      size: networks.size, channels: networks.channels, background: options.background,
      reading: options.reading)

    var report = ClassificationReport(classes: classifier.classes, hasTruth: options.truth != nil)
    if !options.json { console.resultText(report.head) }
    var failures = 0
    var display = ProgressDisplay(console: console, linesEvery: 1000)
    for (index, (image, folder)) in images.enumerated() {
      if context.isInterrupted() {
        display.finish()
        return .interrupted
      }
      do {
        let truth = try options.truth.map { _ in
          try known.place(named: folder, path: image.path)
        }
        let probabilities = try classifier.probabilities(of: preparation.image(image))
        let line = report.add(image.path, probabilities, truth: truth)
        if !options.json { console.resultText(line) }
      } catch let error as FileError {
        console.warning("\(error.description); left out")
        failures += 1
      }
      display.advance([.init(name: "image", done: index + 1, total: images.count)], units: 1)
    }
    display.finish()
    guard failures < images.count else {
      throw FileError(
        path: images[0].page.file.deletingLastPathComponent().relativePath,
        reason: "none of \(counted(images.count, "image")) can be classified")
    }
    console.resultText(options.json ? try json(report) + "\n" : report.tail)
    if let words = report.accuracyWords { console.notice(words) }
    return failures == 0 ? .success : .failure
  }

  /// Files as they are named, and those in folders; each with the folder that training takes its class from.
  private static func images(
    _ inputs: ArraySlice<String>, _ console: Console
  ) throws(FileError) -> [(file: URL, folder: String)] {
    var images: [(file: URL, folder: String)] = []
    func folderOfFile(_ url: URL) -> String {
      url.deletingLastPathComponent().standardizedFileURL.lastPathComponent
    }
    for input in inputs {
      let url = URL(fileURLWithPath: input)
      guard FileKind(of: url) == .folder else {
        images.append((url, folderOfFile(url)))
        continue
      }
      let folder = try ImageFolder(scanning: url)
      if let words = folder.foreign.summary(used: folder.paths.count, broken: 0) {
        console.warning("\(url.relativePath): \(words)")
      }
      images += zip(folder.files, folder.relativePaths).map { file, path in
        // The classes are the folders in the given one; or that is a class itself.
        (file, path.firstIndex(of: "/").map { String(path[..<$0]) } ?? folderOfFile(file))
      }
    }
    return images
  }
}
