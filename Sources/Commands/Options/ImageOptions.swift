import Datasets
import Foundation
import Imaging
import Machine
import Training
import Wording

// Options about images that several commands have, where the libraries keep the values.

extension ReadOptions: OptionGroup {
  static let rows: [Option<ReadOptions>] = [
    .value(
      "max-pixels", "count", "refuse images with more pixels, before they are decoded",
      \.maximumPixels, in: 1...1_000_000_000_000),
    .flag(
      "accept-truncated", "use broken images as far as they can be decoded", \.acceptTruncated),
  ]
}

extension CacheSize: OptionGroup {
  static let rows: [Option<CacheSize>] = [
    .value(
      "cache", "size",
      "memory for decoded images: auto (half of the free memory), off, or a number of GiB", \.self)
  ]
}

extension OptimizationSettings.Precision: OptionGroup {
  static let rows: [Option<Self>] = [
    .choice("precision", "kind", "number format of the convolutions", \.self)
  ]
}

/// Threads that read and prepare images.
struct WorkerOptions: OptionGroup {
  /// `nil` for one on each core.
  var workers: Int?

  static let rows: [Option<WorkerOptions>] = [
    .value(
      "workers", "count", "threads that read and prepare images", \.workers, in: 1...256,
      default: "one for each core"),
    .value(
      "num-threads", "count", "the reference's count, where 0 is none beside the one that trains",
      \.numberOfThreads, in: 0...256, default: "one for each core"
    ).alias("nthreads").hidden(),
  ]

  private var numberOfThreads: Int? {
    get { workers }
    set { workers = newValue.map { max($0, 1) } }
  }

  var count: Int { workers ?? availableCores() }
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
