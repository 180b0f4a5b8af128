import Datasets
import Demo
import Imaging

// Rows of commands that read images.
extension Option {
  static func maximumPixels(_ path: WritableKeyPath<Options, Int> & Sendable) -> Option {
    .value(
      "max-pixels", "count", "refuse images with more pixels, before they are decoded", path,
      in: 1...1_000_000_000_000)
  }

  static func acceptTruncated(_ path: WritableKeyPath<Options, Bool> & Sendable) -> Option {
    .flag("accept-truncated", "take broken images as far as they can be decoded", path)
  }

  static func cache(_ path: WritableKeyPath<Options, CacheSize> & Sendable) -> Option {
    .value(
      "cache", "size",
      "memory for decoded images: auto (half of what is free), off, or a number of GiB", path)
  }
}

extension Color: OptionValue {
  static var kind: String { "a color such as white or #c0ffee" }
  init?(optionText: String) { self.init(text: optionText) }
  var optionText: String { text }
}

extension CacheSize: OptionValue {
  static var kind: String { "auto, off or a number of GiB" }

  init?(optionText text: String) {
    switch text.lowercased() {
    case "auto": self = .automatic
    case "off": self = .off
    default:
      guard let size = Double(optionText: text), (0...1_000_000).contains(size) else { return nil }
      self = .gibibytes(size)
    }
  }

  var optionText: String {
    switch self {
    case .automatic: "auto"
    case .off: "off"
    case .gibibytes(let size): size.optionText
    }
  }
}
