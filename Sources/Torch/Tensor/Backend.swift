import CTorch
import Machine

/// Facts about the libtorch this program runs on.
package enum Backend {
  private static let initialization: Void = {
    ctorch_initialize()
    // A thread keeps the number it found at its first operator, and sums are in another order with another one.
    // libtorch's own default is that of its BLAS library, which can be fewer than there are cores.
    ctorch_set_thread_count(Int32(availableCores()))
  }()

  /// Whether the system lets the process have so many more threads at once.
  package static func canMakeThreads(_ count: Int) -> Bool {
    ctorch_can_make_threads(Int32(clamping: count))
  }

  /// Prepares libtorch, the first time; comes before whatever else is asked of it.
  static func initialize() { _ = initialization }

  /// Such as `1.13.1`.
  package static var version: String { String(cString: ctorch_version()) }

  /// The instruction set of libtorch's own CPU kernels, such as `AVX512`.
  package static var cpuCapability: String {
    initialize()
    guard let text = ctorch_cpu_capability() else { return "unknown" }
    defer { ctorch_free(text) }
    return String(cString: text)
  }

  /// The library that computes convolutions on this CPU in place of libtorch, such as `oneDNN 2.6.3`; `nil`
  /// where it is missing, of another version, or has no kernels for the CPU.
  package static var convolutionLibrary: String? {
    ctorch_convolution_library().map { String(cString: $0) }
  }

  /// Whether a 3x3 convolution of stride 1 and no padding runs by Winograd's algorithm on this CPU.
  package static func convolvesByWinograd(
    batch: Int, channels: Int, height: Int, width: Int
  ) -> Bool {
    ctorch_convolves_by_winograd(Int64(batch), Int64(channels), Int64(height), Int64(width))
  }

  /// Bytes of memory that freed tensors have left to new ones, which the system counts as used.
  package static var reusableMemory: Int { Int(ctorch_reusable_memory()) }

  /// Why loops over feature maps run on one thread, such as "the OpenMP runtime has no GOMP_parallel"; `nil`
  /// where they run on as many as operators do.
  package static var loopObstacle: String? { ctorch_loop_obstacle().map { String(cString: $0) } }

  /// How often the calling thread has put weights into the order that a convolution reads them in.
  static var weightOrdersMade: Int { Int(ctorch_weight_orders_made()) }

  /// Bytes of weights that are kept in such an order until they change.
  static var weightOrdersMemory: Int { Int(ctorch_weight_orders_memory()) }

  /// Threads that one operator uses on the CPU; one on each core that this process may use, if nothing else is set.
  package static var threadCount: Int {
    initialize()
    return Int(ctorch_thread_count())
  }

  /// Sets the number of threads of operators started from the calling thread, and from those that have started none
  /// yet. Traps below 1.
  package static func setThreadCount(_ count: Int) {
    precondition(count >= 1, "\(count) threads")
    initialize()
    ctorch_set_thread_count(Int32(count))
  }
}
