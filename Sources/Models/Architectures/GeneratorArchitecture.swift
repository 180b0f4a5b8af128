import Torch

/// What is particular to one architecture of a generator, in one file for each. Work, memory and tiles follow
/// from the layers.
///
/// A further one is a type of this kind, a case of `GeneratorConfiguration.Architecture` and its place in the
/// two lists there.
protocol GeneratorArchitecture: Sendable {
  /// Both sides of the input have to be multiples of this.
  var sizeMultiple: Int { get }
  /// The shortest side the network takes.
  var minimumSize: Int { get }
  /// Such as "ResNet generator, 9 blocks".
  var summary: String { get }

  /// The tree of layers, with the reference's state-dict names.
  func network(_ configuration: GeneratorConfiguration) -> any Module

  /// What a state dict's names and shapes say about the generator it belongs to; nil if it is of another
  /// architecture.
  ///
  /// Every repeated part that is counted has been seen with its full shape, so that a network of this
  /// configuration is no more than a few times as large as the file it came from.
  static func configuration(inferredFrom shapes: [String: [Int]]) -> GeneratorConfiguration?

  /// The layers that Winograd's transforms help with images of this side in pixels, in words.
  func winogradLayers(_ configuration: GeneratorConfiguration, side: Int) -> String?
}

extension GeneratorArchitecture {
  func winogradLayers(_ configuration: GeneratorConfiguration, side: Int) -> String? { nil }
}
