import Foundation
import Machine
import Torch

/// Where a command computes with tensors.
struct ComputeOptions: OptionGroup {
  var device = DeviceName.auto
  /// CPU threads of one operator; `nil` for one on each core.
  var threads: Int?
  /// Whether a GPU may only use what gives the same each time, as the CPU does.
  var deterministic = false

  static let rows: [Option<ComputeOptions>] = [
    .value("device", "device", "where to compute: auto, cpu, cuda, cuda:N, mps", \.device),
    .value(
      "threads", "count", "CPU threads for computing", \.threads, in: 1...1024,
      default: "one for each core"),
    .flag(
      "deterministic", "on a GPU, compute in ways that give the same each time, as the CPU does",
      \.deterministic),
    .value("gpu-ids", "number", "the reference's name of the device", \.gpu).alias("gpu")
      .hidden(),
  ]

  private var gpu: GPUNumber? {
    get { GPUNumber(device) }
    set { device = newValue?.device ?? .auto }
  }

  /// Lets operators use as many threads as are asked for.
  ///
  /// Throws `UsageError` where the system does not let the process have them and some for the rest of the work: libgomp
  /// would end it, or others wait for threads that never come.
  func useThreads() throws(UsageError) {
    let count = threads ?? availableCores()
    guard Backend.canMakeThreads(count + Self.otherThreads) else {
      throw UsageError(
        "--threads: the system does not let this process have \(count) threads and \(Self.otherThreads) beside them; "
          + "raise the limit (ulimit -u, or that of the container), or lower --threads")
    }
    Backend.setThreadCount(count)
  }

  /// Threads that load images, watch and wait.
  private static let otherThreads = 4

  /// Prepares libtorch for the command and returns the device it computes on.
  ///
  /// - Parameter number: of the GPU, where none is named and there are some.
  /// Throws `UsageError` for a device that is not there.
  func prepareDevice(number: Int? = nil) throws(UsageError) -> Device {
    try useThreads()
    do {
      var device = try Device(named: device.optionText)
      if let number, case .cuda = device, !self.device.optionText.contains(":") {
        device = try Device(named: "cuda:\(number)")
      }
      if deterministic { device.computeDeterministically() }
      // Until --precision asks for it: libtorch would let convolutions use it.
      device.allowTF32(false)
      return device
    } catch {
      throw UsageError("--device: \(error)")
    }
  }
}

/// A word that names a device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`; the device need not exist.
///
/// `Device(named:)` turns it into one, once the command line is known to be right.
struct DeviceName: OptionValue, Equatable {
  static let auto = DeviceName(unchecked: "auto")
  static var kind: String { "one of auto, cpu, cuda, cuda:N, mps" }

  let optionText: String

  init?(optionText text: String) {
    let word = text.lowercased()
    guard Self.words.contains(word) || Self.isNumberedCUDA(word) else { return nil }
    optionText = word
  }

  private init(unchecked text: String) { optionText = text }

  private static let words = ["auto", "cpu", "cuda", "mps"]

  /// Device numbers have at most three digits here, far more than a machine holds.
  private static func isNumberedCUDA(_ word: String) -> Bool {
    let digits = word.dropFirst("cuda:".count)
    return word.hasPrefix("cuda:") && (1...3).contains(digits.count)
      && digits.allSatisfy { ("0"..."9").contains($0) }
  }
}
