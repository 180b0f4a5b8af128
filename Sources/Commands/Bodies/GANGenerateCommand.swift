import Benchmarks
import Demo
import Foundation
import Imaging
import Synthesis
import Torch
import Training
import Translation

/// `cyclegan dcgan generate` and `cyclegan gan generate`.
enum GANGenerateCommand {
  static func run<Kind: GANKind>(
    _ invocation: Invocation<GANGenerateOptions<Kind>>, _ context: CommandContext
  ) throws -> ExitCode {
    let options = invocation.options
    let console = context.console
    let plan = options.plan
    let model = try SampleModel(
      at: URL(fileURLWithPath: options.model), averaged: options.averaged)
    let results = SampleFiles(
      folder: options.output.map { URL(fileURLWithPath: $0) }, count: plan.count,
      sheet: options.sheet.map { URL(fileURLWithPath: $0) })
    try results.checkSheet(plan, size: model.configuration.size)
    if !options.overwrite { try results.checkMissing() }

    let device = try options.compute.prepareDevice()
    for notice in model.notices { console.notice("\(model.file.relativePath): \(notice)") }
    console.notice("\(model.file.relativePath): \(model.configuration.summary)")
    let sampler = Sampler(model, device: device)
    try results.createFolders()

    var display = ProgressDisplay(console: console, linesEvery: 1000)
    var shown: [Image] = []
    for index in 0..<plan.count {
      if context.isInterrupted() {
        display.finish()
        return .interrupted
      }
      let image = sampler.image(plan.latent(at: index, sampler))
      if let file = results.file(index) {
        try ImageFile(image: image, format: .png).write(to: file)
        console.result(file.relativePath)
      }
      if results.sheet != nil { shown.append(image) }
      display.advance([.init(name: "image", done: index + 1, total: plan.count)], units: 1)
    }
    display.finish()
    if let sheet = results.sheet {
      let terms = plan.terms(sampler).map { $0.map(sampler.image) }
      let drawn = Image.sheet(shown, columns: plan.columns, below: terms)
      try ImageFile(image: drawn, format: .png).write(to: sheet)
      console.result(sheet.relativePath)
    }
    return .success
  }
}
