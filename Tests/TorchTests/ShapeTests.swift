import Testing
import Torch

/// Moving elements about without changing them.
struct ShapeTests {
  private let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])

  @Test func reshapingKeepsTheOrder() {
    #expect(x.reshaped([3, 2]).shape == [3, 2])
    #expect(x.reshaped([3, 2]).elements == x.elements)
  }

  @Test func permutingTransposes() {
    let transposed = x.permuted([1, 0])
    #expect(transposed.shape == [3, 2])
    #expect(transposed.elements == [1, 4, 2, 5, 3, 6])
    #expect(transposed.contiguous().elements == transposed.elements)
  }

  @Test func narrowingTakesPartOfAnAxis() {
    #expect(x.narrowed(axis: 1, 1..<3).elements == [2, 3, 5, 6])
    #expect(x.narrowed(axis: 0, 1..<2).elements == [4, 5, 6])
  }

  @Test func concatenatingPutsAxesEndToEnd() {
    let columns = Tensor.concatenated([x, x.narrowed(axis: 1, 0..<1)], axis: 1)
    #expect(columns.shape == [2, 4])
    #expect(columns.elements == [1, 2, 3, 1, 4, 5, 6, 4])
    #expect(Tensor.concatenated([x, x], axis: 0).elements == x.elements + x.elements)
  }

  @Test func typesConvert() {
    let bytes = Tensor([0, 7, 255], shape: [3]).converted(to: .uint8)
    #expect(bytes.dtype == .uint8)
    #expect(bytes.bytes == [0, 7, 255])
    #expect(bytes.elements == [0, 7, 255])
    // 1 is 0x3F80 in bfloat16's two bytes and 0x3C00 in float16's, little-endian.
    let one = Tensor([1], shape: [1])
    #expect(one.converted(to: .bfloat16).bytes == [0x80, 0x3F])
    #expect(one.converted(to: .float16).bytes == [0x00, 0x3C])
    #expect(one.converted(to: .int64).bytes == [1, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func filledKeepsShapeAndType() {
    let filled = x.converted(to: .float64).filled(with: 2)
    #expect(filled.shape == [2, 3])
    #expect(filled.dtype == .float64)
    #expect(filled.elements == [2, 2, 2, 2, 2, 2])
  }

  @Test func aTensorWithoutAxesHasOneElement() {
    let scalar = Tensor([4], shape: [])
    #expect(scalar.rank == 0)
    #expect(scalar.elementCount == 1)
    #expect(scalar.item == 4)
  }

  @Test func writingInPlaceReachesCopiesButNotClones() {
    let target = Tensor.zeros(shape: [2])
    let (copy, clone) = (target, target.cloned())
    target.copyInPlace(from: Tensor([1, 2], shape: [2]).converted(to: .float64))
    #expect(target.dtype == .float32)
    #expect(copy.elements == [1, 2])
    #expect(clone.elements == [0, 0])
  }
}
