import Testing

@testable import Torch

/// Tensors of all sizes, on both sides of the pool's bounds (128 KiB and 64 MiB), share no memory.
struct MemoryTests {
  /// Elements of float32: 4 KiB, just below and above 128 KiB, odd numbers, and just above 64 MiB.
  private static let counts = [1024, 32_767, 32_769, 100_003, 1_500_001, 16_777_300]

  /// Every other tensor is let go and replaced, three times; each keeps the number it was filled with.
  @Test func tensorsKeepTheirValuesWhileOthersComeAndGo() {
    var kept: [(value: Double, tensor: Tensor)] = []
    for round in 0..<3 {
      for (index, count) in (Self.counts.dropLast(round == 0 ? 0 : 1)).enumerated() {
        let value = Double(10 * round + index + 1)
        kept.append((value, .full(value, shape: [count])))
      }
      kept = kept.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }
    #expect(kept.count > 3)
    for (value, tensor) in kept {
      let elements = tensor.elements
      #expect(elements.first == Float(value) && elements.last == Float(value))
      #expect((tensor - value).absolute().sum().item == 0)
    }
  }

  /// Memory that one thread lets go may go to another at once.
  @Test func threadsShareThePool() async {
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          (0..<50).allSatisfy { step in
            let value = Double(task * 100 + step)
            let tensors = Self.counts.dropLast().map { Tensor.full(value, shape: [$0]) }
            return tensors.allSatisfy { ($0 - value).absolute().sum().item == 0 }
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }
}
