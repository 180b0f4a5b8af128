import CTorch

/// Facts about the libtorch this program runs on.
public enum Backend {
  /// Such as `1.13.1`.
  public static var version: String { String(cString: ctorch_version()) }

  /// The instruction set of libtorch's own CPU kernels, such as `AVX512`.
  public static var cpuCapability: String {
    guard let text = ctorch_cpu_capability() else { return "unknown" }
    defer { ctorch_free(text) }
    return String(cString: text)
  }

  /// The library that computes convolutions on this CPU in place of libtorch, such as `oneDNN 2.6.3`; `nil`
  /// where it is missing, of another version, or has no kernels for the CPU.
  public static var convolutionLibrary: String? {
    ctorch_convolution_library().map { String(cString: $0) }
  }

  /// Threads that one operator uses on the CPU.
  public static var threadCount: Int { Int(ctorch_thread_count()) }

  /// Sets the number of threads of operators started from the calling thread. Traps below 1.
  public static func setThreadCount(_ count: Int) {
    precondition(count >= 1, "\(count) threads")
    ctorch_set_thread_count(Int32(count))
  }
}
