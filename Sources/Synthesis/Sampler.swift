import Datasets
import Files
import Foundation
import Imaging
import Models
import Torch

/// Makes images with a generator, each from its own input alone: a latent, and behind it a class or codes.
package struct Sampler {
  private let generator: any Module
  /// Numbers of the latent.
  package let latent: Int
  package let condition: SampleCondition?
  private let distribution: LatentDistribution
  private let device: Device

  /// What a generator is told beside the latent.
  package enum Choice: Sendable, Equatable {
    /// A class by its number.
    case label(Int)
    /// A code, counted from 0: one of several by its number, as a number in [-1, 1] as it is.
    case code(Int, Float)
  }

  /// A trained generator's sampler.
  package init(_ model: SampleModel, device: Device) {
    model.generator.move(to: device)
    self.init(
      model.generator, latent: model.configuration.latent, condition: model.configuration.condition,
      distribution: model.latentDistribution, device: device)
  }

  /// - Parameter generator: on `device` already.
  init(
    _ generator: any Module, latent: Int, condition: SampleCondition? = nil,
    distribution: LatentDistribution, device: Device
  ) {
    self.generator = generator
    self.latent = latent
    self.condition = condition
    self.distribution = distribution
    self.device = device
  }

  /// What the sample of a number, from 1, is made of. What is not chosen is drawn, so that the samples of all numbers
  /// have all classes or codes.
  ///
  /// Traps for a choice that the generator does not have.
  package func input(of number: Int, with choice: Choice? = nil, seed: UInt64) -> [Float] {
    let latents = distribution.sample(number, size: latent, seed: seed)
    guard let condition else { return latents }
    var stream = SampleStream.code.numbers(of: number, seed: seed)
    if condition.kind.generatesClasses {
      let count = condition.classes.count
      let drawn = Int(stream.next() % UInt64(count))
      guard case .label(let label) = choice else { return latents + oneOf(count, drawn) }
      return latents + oneOf(count, label)
    }
    var codes = condition.codes.draw(using: &stream)
    if case .code(let index, let value) = choice {
      let (code, places) = condition.codes.placed[index]
      let chosen: [Float] =
        switch code {
        case .categorical(let count): oneOf(count, Int(value))
        case .uniform: [value]
        }
      codes.replaceSubrange(places, with: chosen)
    }
    return latents + codes
  }

  /// A choice for each row of a sheet: all classes, or all values of the first code of several; empty without either.
  package var choices: [Choice] {
    guard let condition else { return [] }
    if condition.kind.generatesClasses { return condition.classes.indices.map(Choice.label) }
    for (index, code) in condition.codes.list.enumerated() {
      guard case .categorical = code else { continue }
      return Self.values(of: condition.codes, index: index, steps: 0)
    }
    return []
  }

  /// What a choice is called: a class by its name, a code's value as a number.
  func name(of choice: Choice) -> String {
    switch choice {
    case .label(let label): condition?.classes[label] ?? "\(label)"
    case .code(let index, let value):
      if case .categorical = condition?.codes.list[index] { "\(Int(value))" } else { "\(value)" }
    }
  }

  /// A walk along a code, counted from 0: all its values, or so many steps from -1 to 1 of a number. Traps for a code
  /// that is not there.
  package static func values(of codes: LatentCodes, index: Int, steps: Int) -> [Choice] {
    switch codes.list[index] {
    case .categorical(let count): (0..<count).map { .code(index, Float($0)) }
    case .uniform:
      (0..<steps).map { .code(index, Float($0) / Float(max(steps - 1, 1)) * 2 - 1) }
    }
  }

  /// The image of an input, 8 bits. One at a time: kernels for other batch sizes round differently, and an
  /// image must not depend on how many are asked for.
  package func image(_ input: [Float]) -> Image { output(input).images()[0] }

  /// The same of a generator that was read from a file. Throws `FileError` where its weights lead to numbers that are
  /// not finite.
  package func image(_ input: [Float], madeBy file: URL) throws(FileError) -> Image {
    try output(input).finite(madeBy: file).images()[0]
  }

  private func output(_ input: [Float]) -> Tensor {
    withoutGradients {
      generator(Tensor(input, shape: [1, input.count]).moved(to: device), .inference)
        .moved(to: .cpu)
    }
  }
}

extension Image {
  /// Images of one size in rows of `columns`, with two pixels of white between and around them; gray ones
  /// as color. Traps without images.
  package static func sheet(_ images: [Image], columns: Int) -> Image {
    let rows = stride(from: 0, to: images.count, by: columns).map { start in
      Array(images[start..<min(start + columns, images.count)])
    }
    return .grid(rows.map { $0.map { $0.converted(toChannels: 3) } }, spacing: 2)
  }

  /// The same with a word before each row. Traps without images and for fewer words than rows.
  static func sheet(_ images: [Image], columns: Int, labels: [String]) -> Image {
    let width = min(letterWidth * (labels.map(\.count).max() ?? 0) + 1, largestLabelWidth)
    let rows = labels.enumerated().map { row, label in
      let own = images[row * columns..<min((row + 1) * columns, images.count)]
      let word = Image.text(
        label, scale: 1, width: width, channels: 3, bitDepth: images[0].bitDepth)
      return [word] + own.map { $0.converted(toChannels: 3) }
    }
    return .grid(rows, spacing: 2)
  }

  /// With what follows it.
  private static let letterWidth = 6
  /// Of the words before rows; what does not fit ends in dots.
  static let largestLabelWidth = 16 * letterWidth + 1
}
