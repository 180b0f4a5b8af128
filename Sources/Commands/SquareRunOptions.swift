import Foundation
import Synthesis
import Training

/// Options of a command that trains on one source of images, which become squares of one size.
protocol SquareRunOptions: RunOptions where Request.Configuration: SquareRunConfiguration {
  /// As given: one folder, or none to resume.
  var data: [String] { get set }
}

extension SquareRunOptions {
  var hasData: Bool { !data.isEmpty }

  func copyData(to other: inout Self) {
    other.configuration.data.path = configuration.data.path
  }

  mutating func makeDataAbsolute() {
    configuration.data.path = absolutePath(configuration.data.path)
  }

  /// Takes the data that the command line named. Returns false for a run that is resumed: it brings its own
  /// configuration, so that only `adopt` can check the result.
  ///
  /// - Parameter group: the word before "train".
  mutating func takeData(_ group: String) throws(UsageError) -> Bool {
    try call.check()
    configuration.data.path = data.first ?? ""
    if call.resume { return false }
    guard hasData else {
      throw UsageError(
        "\(group) train needs <data>: a folder of images, of MNIST's files or of CIFAR-10's batches",
        hint: "usage: cyclegan \(group) \(Self.syntax.usage[0])")
    }
    return true
  }

  /// Which images are taken, and how they are read.
  static var dataRows: [Option<Self>] {
    [
      .value(
        "class", "name", "train on this class only, given by name or number",
        \.configuration.data.className),
      .value(
        "max-images", "count", "use at most this many images", \.configuration.data.maximumImages,
        in: 1...1_000_000_000, default: "all"),
      .value(
        "background", "color", "color behind transparent pixels", \.configuration.data.background),
    ] + .embedded(\.configuration.data.reading) + [
      .flag(
        "strict", "stop at an image that cannot be used, instead of leaving it out",
        \.configuration.data.strict)
    ]
  }

  /// Throws an error for a number of channels that no network has.
  static func check(channels: Int) throws(UsageError) {
    if channels == 2 { throw UsageError("--channels: 2 is not possible; it must be 1 or 3") }
  }
}
