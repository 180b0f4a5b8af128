import Foundation
import Imaging
import Models
import Testing
import Torch
import Training
import Translation

/// A folder with the weights of a small generator, images, and what became of them.
package struct TranslationScene {
  package let root: URL
  package let generator: any Module
  package var settings = TranslationSettings()

  package var weights: URL { root.appendingPathComponent("generator.safetensors") }
  package var inputs: URL { root.appendingPathComponent("photos") }
  package var outputs: URL { root.appendingPathComponent("results") }

  /// A ResNet of one block and two filters, unless `configure` changes it.
  package init(in root: URL, configure: (inout GeneratorConfiguration) -> Void = { _ in }) throws {
    self.root = root
    generator = Self.generator(seed: 3, configure: configure)
    settings.precision = .fp32
    try SafeTensors(generator.stateDict).write(to: weights)
    try FileManager.default.createDirectory(at: inputs, withIntermediateDirectories: true)
  }

  /// Weights so large that images come out with all levels from 0 to 255.
  package static func generator(
    seed: UInt64, configure: (inout GeneratorConfiguration) -> Void = { _ in }
  ) -> any Module {
    var configuration = GeneratorConfiguration()
    configuration.architecture = .resNet(blocks: 1)
    configuration.baseChannels = 2
    configure(&configuration)
    let generator = configuration.makeGenerator()
    generator.initialize(.xavier(gain: 1), seed: seed)
    return generator
  }

  /// Writes an image among the inputs, in the format that its name tells.
  @discardableResult
  package func write(_ image: Image, _ path: String) throws -> URL {
    let file = inputs.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let format = try #require(ImageFormat(pathExtension: file.pathExtension))
    try ImageFile(image: image, format: format).write(to: file)
    return file
  }

  /// Translates all inputs, or those given, and returns the failures as "path below the inputs: reason".
  @discardableResult
  package func translate(
    _ given: [URL]? = nil, format: TranslationFormat = .same, model path: URL? = nil,
    direction: TranslationDirection = .aToB
  ) throws -> [String] {
    let model = try TranslationModel(at: path ?? weights, direction: direction)
    let jobs = try TranslationPlan(given ?? [inputs], output: outputs, format: format).jobs
    var written = 0
    var failures: [String] = []
    Translator(model, settings: settings).translate(jobs) { event in
      switch event {
      case .written: written += 1
      case .failed(let job, let reason):
        failures.append("\(job.input.path.dropFirst(inputs.path.count + 1)): \(reason)")
      case .notice, .progress: break
      }
    }
    #expect(written + failures.count == jobs.count, "each image is reported once")
    return failures
  }

  /// A result, upright.
  package func result(_ path: String) throws -> Image {
    try ImageFile.read(from: outputs.appendingPathComponent(path)).image
  }

  /// What the plain generator makes of an image whose sides it takes as they are.
  package func plainOutput(for image: Image) -> Tensor {
    withoutGradients { generator(Tensor(images: [image]), .inference) }
  }

  /// The same for an image of any size: mirrored to the right and downwards to `height` and `width`, and
  /// cut out of the output. Made of slices, without the padding of images.
  package func paddedOutput(for image: Image, height: Int, width: Int) -> Tensor {
    let input = Tensor(images: [image])
    let padded = Self.mirrored(
      Self.mirrored(input, axis: 2, to: height), axis: 3, to: width)
    return withoutGradients {
      generator(padded, .inference).narrowed(axis: 2, 0..<image.height)
        .narrowed(axis: 3, 0..<image.width)
    }
  }

  /// [1 2 3] becomes [1 2 3 2 1 2 ...]: forth and back without repeating the ends.
  private static func mirrored(_ tensor: Tensor, axis: Int, to size: Int) -> Tensor {
    let count = tensor.shape[axis]
    var indices = Array(0..<count)
    var step = -1
    while indices.count < size {
      let next = count == 1 ? 0 : indices[indices.count - 1] + step
      if next < 0 || next >= count { step = -step } else { indices.append(next) }
    }
    return .concatenated(
      indices.prefix(size).map { tensor.narrowed(axis: axis, $0..<($0 + 1)) }, axis: axis)
  }
}

/// Every file below a folder, as sorted relative paths; empty for a folder that is not there.
package func filesBelow(_ folder: URL) -> [String] {
  let paths = try? FileManager.default.subpathsOfDirectory(atPath: folder.path)
  return (paths ?? []).filter {
    var isFolder: ObjCBool = false
    let path = folder.appendingPathComponent($0).path
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }.sorted()
}
