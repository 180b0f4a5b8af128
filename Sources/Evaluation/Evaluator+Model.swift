import Datasets
import Files
import Foundation
import Imaging
import Torch
import Training
import Translation
import Wording

extension Evaluator {
  /// One way through a model.
  package struct Way {
    /// "a_to_b"
    package let key: String
    package let translator: Translator
    /// The way back; nil where there is no generator for it.
    package let back: Translator?
    package let values: GeneratorValues
    package let source: EvaluatedFolder
    package let target: EvaluatedFolder

    package init(
      key: String, translator: Translator, back: Translator?, values: GeneratorValues,
      source: EvaluatedFolder, target: EvaluatedFolder
    ) {
      (self.key, self.translator, self.back, self.values) = (key, translator, back, values)
      (self.source, self.target) = (source, target)
    }
  }

  /// An image of the source with its true translation, where there is one of its name.
  private struct Input: Sendable {
    let path: String
    let file: ImageFile
    let truth: Image?
  }

  /// Translates the source's images in memory and compares the results with the target's. Throws as `compare` does.
  package func evaluate(_ way: Way) throws -> Comparison {
    let channels = (
      source: way.translator.inputChannels, target: way.translator.outputChannels
    )
    let folders = [way.source, way.target]
    let source = preparation(for: folders, channels: channels.source, range: way.values.input.range)
    let target = preparation(
      for: folders, channels: channels.target, range: way.values.output.range)
    let real = try cachedStatistics(of: way.target, target)
    var (made, inputs) = (description(of: way.source), description(of: way.source))
    var pairs = PairedImages(perceptual: perceptual)
    var (cycles, identities, edges): ([Double], [Double], [Double]) = ([], [], [])
    let truths = way.target.places
    try forEachBatch(
      of: way.source, way.key.replacing("_", with: " "),
      { [way = (source: way.source, target: way.target)] index throws(FileError) in
        let file = try source.file(way.source.file(index))
        let path = way.source.paths[index]
        let truth = truths[(path as NSString).deletingPathExtension]
        return Input(
          path: path, file: file,
          truth: truth.flatMap { try? target.file(way.target.file($0)).image })
      },
      alike: { $0.file.image.shape == $1.file.image.shape },
      { batch in
        let taken = batch.filter { input in
          guard let reason = way.translator.obstacle(of: input.file) else { return true }
          report(.skipped(FileError(path: input.path, reason: reason)))
          return false
        }
        guard !taken.isEmpty else { return }
        let results = try way.translator.results(of: taken.map(\.file), path: taken[0].path)
        let done = zip(taken, results).compactMap { input, result in
          result.map { (input: input, result: $0) }
        }
        for (input, result) in zip(taken, results) where result == nil {
          report(
            .skipped(FileError(path: input.path, reason: "the network's output is not a number")))
        }
        try made.add(done.map { target.prepared($0.result, path: $0.input.path) })
        try inputs.add(done.map { source.prepared($0.input.file.image, path: $0.input.path) })
        for (input, result) in done {
          if let truth = input.truth { try pairs.add(result, truth: truth, path: input.path) }
          if let kept = Self.edges(input.file.image, result) { edges.append(kept) }
        }
        guard let back = way.back else { return }
        cycles += try Self.changes(
          done.map { ($0.input.file.image, $0.result) }, through: back, path: done.first?.input.path
        )
        // The way back's network reads its inputs by its own range.
        guard way.values.input.range == way.values.output.range else { return }
        identities += try Self.changes(
          done.map { ($0.input.file.image, $0.input.file.image) }, through: back,
          path: done.first?.input.path)
      })
    let statistics = try finished(made, way.source)
    let own = try finished(inputs, way.source)
    tellOfComparing(statistics, real)
    return Comparison(
      key: way.key, made: side(way.source, statistics), real: side(way.target, real),
      measurements: SetComparison(
        made: statistics, real: real, network: network, settings: settings.comparison
      ).measurements()
        + [
          SetComparison.diversity(
            "diversity_of_inputs", "diversity, of inputs", statistics, against: own, "the inputs'",
            settings.comparison)
        ]
        + Self.mean("edges", "edges kept", edges, "correlation with the input's; standard error")
        + Self.mean(
          "cycle_error", "cycle error", cycles,
          "there and back; black to white is 1; standard error")
        + Self.mean(
          "identity_change", "identity change", identities,
          "inputs through the way back's network; black to white is 1; standard error")
        + pairs.measurements,
      notes: Comparison.notes(made: statistics, real: real, network: network)
        + [pairs.note].compactMap { $0 })
  }

  private static func mean(
    _ key: String, _ name: String, _ values: [Double], _ words: String
  ) -> [Measurement] {
    values.isEmpty ? [] : [Measurement(key, name, Estimate(meanOf: values), words)]
  }

  private static func edges(_ input: Image, _ result: Image) -> Double? {
    guard min(input.height, input.width) >= 3 else { return nil }
    return TranslationMeasure.edgeCorrelation(
      Tensor(images: [input.removingAlpha()]), Tensor(images: [result.removingAlpha()]))
  }

  /// How far images come back from where they were: for each pair the mean absolute difference between the first and
  /// the second after it went through a network; where black to white is 1. Empty where the network does not take
  /// them.
  private static func changes(
    _ pairs: [(original: Image, given: Image)], through network: Translator, path: String?
  ) throws(FileError) -> [Double] {
    let files = pairs.map { ImageFile(image: $0.given, format: .png) }
    guard let path, files.allSatisfy({ network.obstacle(of: $0) == nil }) else { return [] }
    let results = try network.results(of: files, path: path)
    var found: [Double] = []
    for (pair, result) in zip(pairs, results) {
      guard let result, result.canConvert(toChannels: pair.original.colors) else { continue }
      let original = pair.original.removingAlpha()
      let came = result.converted(toChannels: original.colors)
      found.append(Tensor(images: [original]).l1Loss(Tensor(images: [came])).item / 2)
    }
    return found
  }
}
