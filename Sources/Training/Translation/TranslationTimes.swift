/// How long a translation took.
public struct TranslationTimes: Sendable {
  /// From the first picture's reading to the last one's writing.
  public internal(set) var total = Duration.zero
  /// In the network; for pictures in tiles, with their reading.
  public internal(set) var network = Duration.zero
}
