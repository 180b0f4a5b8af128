import Datasets
import Files
import Foundation
import Imaging
import Torch

/// A network whose features sets of images are compared by, in a file that the user names.
package struct FeatureNetwork {
  /// What a module of TorchScript takes that is not known.
  package enum Input: String, Sendable, CaseIterable {
    /// Of uint8, 0 to 255.
    case bytes
    /// Of float32, black is 0 and white 1.
    case unit
    /// Of float32, black is -1 and white 1.
    case signed
    /// Of float32, black is 0 and white 255.
    case levels
  }

  private enum Network {
    case script(ScriptFile, Input, flags: [(name: String, value: Bool)])
    case inception(InceptionFeatures)
  }

  package let url: URL
  /// What it is, in words.
  package let summary: String
  private let network: Network
  private let device: Device

  /// - Parameter input: what a module takes; nil takes bytes. One with an argument `return_features`, as StyleGAN's
  ///   and the common Inception have it, takes bytes and is asked for its features.
  /// Throws `FileError` with what the file is, where it is neither TorchScript nor the FID's Inception.
  package init(_ url: URL, input: Input?, on device: Device) throws(FileError) {
    self.url = url
    self.device = device
    guard ScriptFile.isScript(url) else {
      do throws(FileError) { network = .inception(try InceptionFeatures(url, on: device)) } catch {
        throw FileError(
          path: error.path,
          reason:
            "\(error.reason); expected is TorchScript or the weights of the FID's Inception network"
        )
      }
      summary = "the FID's Inception network, from its weights"
      return
    }
    let script = try ScriptFile(url, on: device)
    if script.takes(argument: Self.flag) {
      network = .script(script, input ?? .bytes, flags: [(Self.flag, true)])
      summary = "a TorchScript module with \(Self.flag)"
    } else {
      network = .script(script, input ?? .bytes, flags: [])
      summary = "a TorchScript module"
    }
  }

  /// Whether the Fréchet distance of so many features is the FID that papers have: by Inception from its weights, or
  /// by a module in the form of the common file.
  func isStandard(features: Int) -> Bool {
    switch network {
    case .inception: true
    case .script(_, _, let flags): !flags.isEmpty && features == InceptionFeatures.count
    }
  }

  private static let flag = "return_features"

  /// What the features follow from beside the file.
  var identity: String {
    if case .script(_, let input, _) = network { input.rawValue } else { "inception" }
  }

  /// - Parameters:
  ///   - images: RGB of 8 bits, of one size.
  ///   - first: the path of the first, for the error.
  /// - Returns: `[images, features]`, float32, on the CPU.
  func features(of images: [Image], _ first: String) throws(FileError) -> Tensor {
    let values = withoutGradients { Tensor(images: images) }
    let found: Tensor
    switch network {
    case .inception(let inception):
      found = withoutGradients { inception.features(of: values.moved(to: device)) }
    case .script(let script, let input, let flags):
      let given = input.tensor(from: values).moved(to: device)
      let expected =
        "expected is a module that takes \(input.words), [batch, 3, height, width], and returns [batch, features]"
      let output: Tensor
      do throws(ScriptFile.Failure) {
        output = try script.output(for: [given], flags: flags)
      } catch {
        let advice = input == .bytes ? "; --features-input names floats" : ""
        throw FileError(
          path: url.relativePath,
          reason: "its code fails on \(first): \(error.reason); \(expected)\(advice)")
      }
      let shape = output.shape
      guard shape.count >= 2, shape[0] == images.count, shape[1] > 0,
        shape.dropFirst(2).allSatisfy({ $0 == 1 }), output.dtype != nil
      else {
        throw FileError(
          path: url.relativePath,
          reason: "it returns \(shape) for \(given.shape); \(expected)")
      }
      found = output.reshaped([shape[0], shape[1]])
    }
    let features = found.moved(to: .cpu).converted(to: .float32)
    guard Tensor.areFinite([features]) else {
      throw FileError(
        path: url.relativePath, reason: "its features are not numbers, for \(first) or after it")
    }
    return features
  }
}

extension FeatureNetwork.Input {
  var words: String {
    switch self {
    case .bytes: "uint8 from 0 to 255"
    case .unit: "float32 from 0 to 1"
    case .signed: "float32 from -1 to 1"
    case .levels: "float32 from 0 to 255"
    }
  }

  /// - Parameter values: of images of 8 bits, from -1 to 1.
  func tensor(from values: Tensor) -> Tensor {
    withoutGradients {
      switch self {
      case .signed: values
      case .unit: ((values + 1) * 127.5).rounded() * (1.0 / 255)
      case .levels: ((values + 1) * 127.5).rounded()
      case .bytes: ((values + 1) * 127.5).rounded().converted(to: .uint8)
      }
    }
  }
}
