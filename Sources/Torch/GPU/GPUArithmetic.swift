import CTorch

// How GPUs compute, for the whole process; nothing of it matters on the CPU.
extension Device {
  /// Lets only algorithms run that give the same each time. Comes before anything is computed there.
  package func computeDeterministically() {
    if case .cuda = self { ctorch_cuda_compute_deterministically() }
  }

  /// Lets algorithms be tried out the first time that a shape comes: worth it in training, whose shapes come again.
  package func seekFastestAlgorithms() {
    if case .cuda = self { ctorch_cuda_seek_fastest() }
  }

  /// Whether float32 may be computed by units that read 10 of its 23 binary digits.
  package func allowTF32(_ allowed: Bool) {
    if case .cuda = self { ctorch_cuda_allow_tf32(allowed) }
  }

  /// `nil` on other devices and where nobody knows.
  package var gpuMemory: GPUMemory? {
    guard case .cuda(let index) = self else { return nil }
    var found = ctorch_gpu_memory()
    guard ctorch_cuda_memory(Int32(index), &found) else { return nil }
    return GPUMemory(
      free: Int(clamping: found.free), reusable: Int(clamping: found.reusable),
      mostUsed: Int(clamping: found.most_used))
  }
}

/// A GPU's memory, in bytes.
package struct GPUMemory: Sendable, Equatable {
  /// What no program has.
  package let free: Int
  /// What freed tensors of this program have left behind, and any of its tensors can have.
  package let reusable: Int
  /// The most that this program has had; before libtorch 2.11 what all programs have now.
  package let mostUsed: Int

  package init(free: Int, reusable: Int, mostUsed: Int) {
    (self.free, self.reusable, self.mostUsed) = (free, reusable, mostUsed)
  }

  /// What tensors can have.
  package var available: Int { free + reusable }
}

/// How feature maps lie in memory.
package enum MapLayout: Sendable {
  /// One channel after another: what the CPU's kernels and float32 units read.
  case planes
  /// The channels of a pixel together: what tensor cores read.
  case pixels
}

extension Tensor {
  /// The same elements in a layout, copied only where they lie otherwise; tensors without four axes stay as they are.
  package func laid(out layout: MapLayout) -> Tensor {
    guard layout == .pixels, rank == 4 else { return layout == .planes ? contiguous() : self }
    return Self.unary("lay out", self, ctorch_channels_last)
  }

  package var layout: MapLayout { ctorch_is_channels_last(handle.pointer) ? .pixels : .planes }

  /// One value in this tensor's shape, type, device and layout.
  func likeThis(filledWith value: Double) -> Tensor {
    Self.unary("fill", self) { ctorch_full_like($0, value, $1, $2) }
  }
}

extension Backend {
  /// Lets layers keep the pixels' layout on the CPU, as on GPUs; for tests.
  static func keepPixelsLayoutOnCPU(_ keeps: Bool) { ctorch_keep_channels_last_on_cpu(keeps) }
}
