/// Options of a command that computes with tensors.
protocol DeviceOptions: CommandOptions {
  var device: DeviceName { get set }
  /// CPU threads of one operator; `nil` leaves it to libtorch, which takes all cores.
  var threads: Int? { get set }
  /// The options to lower when memory runs out.
  static var memoryAdvice: String { get }
}

extension Option where Options: DeviceOptions {
  static var device: Option {
    .value("device", "device", "where to compute: auto, cpu, cuda, cuda:N, mps", \.device)
  }

  static var threads: Option {
    .value(
      "threads", "count", "CPU threads that compute", \.threads, in: 1...1024, default: "all cores")
  }

  /// Threads that read images, in commands that have some to read.
  static func workers(_ path: WritableKeyPath<Options, Int?> & Sendable) -> Option {
    .value(
      "workers", "count", "threads that read and prepare images", path, in: 1...256,
      default: "one for each core")
  }

  static func quiet(_ path: WritableKeyPath<Options, Bool> & Sendable) -> Option {
    .flag("quiet", "no progress and no notices; warnings and errors only", path)
  }
}
