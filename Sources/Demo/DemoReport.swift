import Datasets
import Evaluation
import Foundation
import Imaging
import Torch
import Training
import Translation

/// How close the demo's translations come to the truth, beside what no effort would score.
package struct DemoReport: Sendable {
  /// Means over the test scenes of one direction.
  package struct Scores: Sendable {
    package let direction: TranslationDirection
    /// The image itself, as if nothing had to be changed.
    package let untouched: ImageSimilarity
    /// One color: the mean of the training images of the wanted domain.
    package let meanColor: ImageSimilarity
    package let translated: ImageSimilarity
  }

  package let scores: [Scores]
  /// The image sheet.
  package let sheet: URL
}

extension Demo {
  package var sheet: URL { run.url.appendingPathComponent("sheet.png") }

  /// Scores the translated test scenes and draws the sheet. Throws `FileError`, what reading the
  /// snapshot throws, and `CancellationError` once `shouldStop` is true.
  package func report(shouldStop: () -> Bool = { false }) throws -> DemoReport {
    try makeSheet(scenes: 6, shouldStop).write(to: sheet)
    return DemoReport(
      scores: try TranslationDirection.allCases.map { try scores($0, shouldStop) }, sheet: sheet)
  }

  private func scores(
    _ direction: TranslationDirection, _ shouldStop: () -> Bool
  ) throws -> DemoReport.Scores {
    let (sources, truths, training) =
      direction == .aToB
      ? (dataset.testA, dataset.testB, dataset.trainB)
      : (dataset.testB, dataset.testA, dataset.trainA)
    let flat = try meanColor(of: training)
    var untouched: [ImageSimilarity] = []
    var single: [ImageSimilarity] = []
    var translated: [ImageSimilarity] = []
    for name in dataset.testNames {
      if shouldStop() { throw CancellationError() }
      let truth = try image(truths, name)
      untouched.append(ImageSimilarity(of: try image(sources, name), to: truth))
      single.append(ImageSimilarity(of: flat, to: truth))
      translated.append(
        ImageSimilarity(of: try image(self.translated(direction), name), to: truth))
    }
    return DemoReport.Scores(
      direction: direction, untouched: .mean(untouched), meanColor: .mean(single),
      translated: .mean(translated))
  }

  private func image(_ folder: URL, _ name: String) throws -> Image {
    try ImageFile.read(from: folder.appendingPathComponent(name)).image
  }

  private func meanColor(of folder: URL) throws -> Image {
    let files = try ImageFolder(scanning: folder).files
    let means = try files.map { file in
      Tensor(images: [try ImageFile.read(from: file).image]).mean(axes: [2, 3])
    }
    let mean = Tensor.concatenated(means, axis: 0).mean(axes: [0])
    let side = DemoDataset.imageSize
    return (mean + Tensor.zeros(shape: [1, 3, side, side])).images()[0]
  }

  /// One row for each scene: summer, translated to winter, the true winter and back again; then the same
  /// from winter.
  private func makeSheet(scenes: Int, _ shouldStop: () -> Bool) throws -> ImageFile {
    let toWinter = try TranslationModel(at: run.url, direction: .aToB)
    let toSummer = try TranslationModel(at: run.url, direction: .bToA)
    let translators = [toWinter, toSummer].map { Translator($0, settings: translationSettings) }
    let heads = [
      "summer", "to winter", "true winter", "back again", "winter", "to summer", "true summer",
      "back again",
    ]
    let rows = try dataset.testNames.prefix(scenes).map { name in
      if shouldStop() { throw CancellationError() }
      let summer = try image(dataset.testA, name)
      let winter = try image(dataset.testB, name)
      let fakeWinter = try image(translated(.aToB), name)
      let fakeSummer = try image(translated(.bToA), name)
      let summerAgain = translators[1].output(for: [fakeWinter]).images()[0]
      let winterAgain = translators[0].output(for: [fakeSummer]).images()[0]
      return (
        name: name,
        cells: [
          summer, fakeWinter, winter, summerAgain, winter, fakeSummer, summer, winterAgain,
        ]
      )
    }
    let table = LabeledTable(
      of: rows.flatMap(\.cells), columns: heads.count, smallestCell: DemoDataset.imageSize)
    let sheet = LabeledTable.sheet(
      [table.heads(heads)] + rows.flatMap { [table.line($0.name), table.row($0.cells)] })
    return ImageFile(image: sheet, format: .png)
  }
}
