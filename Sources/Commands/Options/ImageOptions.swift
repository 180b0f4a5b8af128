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
    .flag(
      "accept-nonfinite",
      "use floats that are infinite or no numbers, brought into the range of the others",
      \.acceptNonfinite),
    .choice(
      "pages", "meaning",
      "pages of a TIFF: the first is the image, all are its channels, or each is an image",
      \.pages),
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

/// How many channels images have, or that their files decide it.
enum ChannelCount: OptionValue, Equatable {
  case auto
  case count(Int)

  static var kind: String { "auto or a number of channels from 1 to \(Image.mostChannels)" }

  init?(optionText text: String) {
    if text.lowercased() == "auto" {
      self = .auto
    } else if let count = Int(text), (1...Image.mostChannels).contains(count) {
      self = .count(count)
    } else {
      return nil
    }
  }

  var optionText: String {
    switch self {
    case .auto: "auto"
    case .count(let count): "\(count)"
    }
  }

  /// `nil` for auto.
  init(_ count: Int?) { self = count.map(ChannelCount.count) ?? .auto }

  var count: Int? {
    if case .count(let count) = self { count } else { nil }
  }
}

extension RangeChoice: OptionValue {
  static var kind: String { "a range such as 0..4095 or 1%..99%" }
  init?(optionText: String) { self.init(text: optionText) }
  var optionText: String { text }
}

/// Channels that stand for red, green and blue, counted from 1.
struct ShownChannels: OptionValue, Equatable {
  static var kind: String { "three channels such as 4,3,2" }

  let channels: [Int]

  init(_ channels: [Int]) { self.channels = channels }

  init?(optionText text: String) {
    channels = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard channels.count == 3, text.filter({ $0 == "," }).count == 2,
      channels.allSatisfy((1...Image.mostChannels).contains)
    else { return nil }
  }

  var optionText: String { channels.map(String.init).joined(separator: ",") }
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

/// A part of a whole.
struct Share: OptionValue, Equatable {
  static var kind: String { "a share from 0% to 90%" }

  let percent: Double

  init(percent: Double) { self.percent = percent }

  init?(optionText text: String) {
    guard text.hasSuffix("%"), let percent = Double(text.dropLast()), (0...90).contains(percent)
    else { return nil }
    self.percent = percent
  }

  var optionText: String { percent.optionText + "%" }
}
