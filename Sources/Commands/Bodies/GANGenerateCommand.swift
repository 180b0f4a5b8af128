import Foundation
import Imaging
import Torch
import Training

/// `cyclegan dcgan generate` and `cyclegan gan generate`.
enum GANGenerateCommand {
  static func run<Kind: GANKind>(
    _ invocation: Invocation<GANGenerateOptions<Kind>>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let console = context.console
    let plan = options.plan
    let output = options.output.map { URL(fileURLWithPath: $0) }
    let sheet = options.sheet.map { URL(fileURLWithPath: $0) }
    let files = (0..<plan.count).map { index in output.map { file(index, of: plan.count, in: $0) } }
    if !options.overwrite { try checkMissing(files.compactMap { $0 } + (sheet.map { [$0] } ?? [])) }

    let device = try options.prepareDevice(console)
    let model = try SampleModel(
      at: URL(fileURLWithPath: options.model), averaged: options.averaged)
    for notice in model.notices { console.notice("\(model.file.relativePath): \(notice)") }
    console.notice("\(model.file.relativePath): \(model.configuration.summary)")
    let sampler = Sampler(model, device: device)
    if sheet != nil { try checkSheet(plan, size: model.configuration.size) }
    if let output { try create(output) }

    var display = ProgressDisplay(console: console, linesEvery: 1000)
    var shown: [Image] = []
    for index in 0..<plan.count {
      if context.isInterrupted() {
        display.finish()
        return .interrupted
      }
      let image = sampler.image(plan.latent(at: index, sampler))
      if let file = files[index] {
        try ImageFile(image: image, format: .png).write(to: file)
        console.result(file.relativePath)
      }
      if sheet != nil { shown.append(image) }
      display.advance([.init(name: "picture", done: index + 1, total: plan.count)], units: 1)
    }
    display.finish()
    if let sheet {
      let terms = plan.terms(sampler).map { $0.map(sampler.image) }
      let drawn = Image.sheet(shown, columns: plan.columns, below: terms)
      try ImageFile(image: drawn, format: .png).write(to: sheet)
      console.result(sheet.relativePath)
    }
    return .success
  }

  /// `0001.png` for the first of fewer than 10,000.
  private static func file(_ index: Int, of count: Int, in folder: URL) -> URL {
    let number = String(index + 1)
    let digits = max(4, String(count).count)
    let zeros = String(repeating: "0", count: max(0, digits - number.count))
    return folder.appendingPathComponent(zeros + number + ".png")
  }

  /// Nothing is overwritten unless that was asked for.
  private static func checkMissing(_ files: [URL]) throws(FileError) {
    let existing = files.filter { FileManager.default.fileExists(atPath: $0.path) }
    guard let first = existing.first else { return }
    throw FileError(
      path: first.relativePath,
      reason: "\(existing.count) of \(files.count) results exist already; use --overwrite")
  }

  /// A sheet is held in memory and is as large as all its pictures.
  private static func checkSheet(_ plan: SamplePlan, size: Int) throws(UsageError) {
    let cell = size + 2
    let rows = (plan.count + plan.columns - 1) / plan.columns
    guard rows * cell * plan.columns * cell <= ReadOptions().maximumPixels else {
      throw UsageError("--sheet: \(plan.count) pictures are too many for one; lower --count")
    }
  }

  private static func create(_ folder: URL) throws(FileError) {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError(path: folder.relativePath, cause: error)
    }
  }
}
