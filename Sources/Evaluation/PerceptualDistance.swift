import Datasets
import Files
import Foundation
import Imaging
import Torch

/// LPIPS (arXiv 1801.03924) by a module of TorchScript: one that takes two batches of images, black -1 and white 1, and
/// returns their distances, as the package lpips does; or one with an argument `return_lpips`, as StyleGAN's vgg16.pt,
/// which takes images of 0 to 255 and returns features whose squared distance it is.
package struct PerceptualDistance {
  package let url: URL
  private let script: ScriptFile
  private let embeds: Bool
  private let device: Device

  private static let flag = "return_lpips"
  private static let resizing = "resize_images"

  package init(_ url: URL, on device: Device) throws(FileError) {
    self.url = url
    self.device = device
    do throws(FileError) { script = try ScriptFile(url, on: device) } catch {
      throw FileError(
        path: error.path,
        reason: "\(error.reason); --lpips takes a module of TorchScript")
    }
    embeds = script.takes(argument: Self.flag)
  }

  /// - Parameters:
  ///   - images: of 8 bits, gray or RGB, both of one size.
  ///   - path: for the error.
  func callAsFunction(_ image: Image, _ other: Image, _ path: String) throws(FileError) -> Double {
    let pair = [image, other].map { $0.converted(toChannels: 3) }
    let values = pair.map { image in withoutGradients { Tensor(images: [image]) } }
    let expected =
      embeds
      ? "expected is a module that takes float32 from 0 to 255, [batch, 3, height, width], and returns "
        + "[batch, features] with \(Self.flag)"
      : "expected is a module that takes two batches of float32 from -1 to 1, [batch, 3, height, width], and "
        + "returns a number for each pair"
    do throws(ScriptFile.Failure) {
      if embeds {
        let flags =
          [(Self.flag, true)]
          + (script.takes(argument: Self.resizing) ? [(Self.resizing, false)] : [])
        let both = FeatureNetwork.Input.levels.tensor(from: .concatenated(values, axis: 0))
        let features = try script.output(for: [both.moved(to: device)], flags: flags)
        if features.rank >= 2, features.shape[0] == 2, features.dtype != nil {
          return withoutGradients {
            let found = features.moved(to: .cpu).converted(to: .float64)
            return (found.narrowed(axis: 0, 0..<1) - found.narrowed(axis: 0, 1..<2)).squared().sum()
              .item
          }
        }
        throw ScriptFile.Failure(reason: "it returns \(features.shape)")
      }
      let distance = try script.output(for: values.map { $0.moved(to: device) })
      if distance.elementCount == 1, distance.dtype != nil { return distance.item }
      throw ScriptFile.Failure(reason: "it returns \(distance.shape)")
    } catch {
      throw FileError(
        path: url.relativePath, reason: "its code fails on \(path): \(error.reason); \(expected)")
    }
  }
}
