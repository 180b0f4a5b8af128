import Foundation

/// Many paths in little memory: their bytes behind one another, and where each of them ends.
package struct PathList: RandomAccessCollection, Sendable, Equatable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  package init() {}

  package var startIndex: Int { 0 }
  package var endIndex: Int { ends.count }

  package subscript(index: Int) -> String {
    String(decoding: bytes[range(of: index)], as: UTF8.self)
  }

  package mutating func append(_ path: String) {
    bytes.append(contentsOf: path.utf8)
    ends.append(bytes.count)
  }

  /// Sorted by their bytes: strings that differ only in how an accent is encoded are equal, but name two files.
  package func sorted() -> PathList {
    var result = PathList()
    result.bytes.reserveCapacity(bytes.count)
    result.ends.reserveCapacity(count)
    for index in sortedIndices() {
      result.bytes.append(contentsOf: bytes[range(of: Int(index))])
      result.ends.append(result.bytes.count)
    }
    return result
  }

  /// The paths that occur more than once, each as the places where it is, in ascending order.
  package func repetitions() -> [[Int]] {
    var groups: [[Int]] = []
    let indices = sortedIndices().map(Int.init)
    var start = 0
    while start < indices.count {
      var end = start + 1
      while end < indices.count, compare(indices[start], indices[end]) == 0 { end += 1 }
      if end - start > 1 { groups.append(indices[start..<end].sorted()) }
      start = end
    }
    return groups
  }

  private func sortedIndices() -> [Int32] {
    (0..<Int32(count)).sorted { compare(Int($0), Int($1)) < 0 }
  }

  private func range(of index: Int) -> Range<Int> {
    (index == 0 ? 0 : ends[index - 1])..<ends[index]
  }

  /// Negative, zero or positive, as for `memcmp`.
  private func compare(_ first: Int, _ second: Int) -> Int {
    let (a, b) = (range(of: first), range(of: second))
    let difference = bytes.withUnsafeBufferPointer { buffer in
      buffer.isEmpty
        ? 0
        : Int(
          memcmp(
            buffer.baseAddress! + a.lowerBound, buffer.baseAddress! + b.lowerBound,
            Swift.min(a.count, b.count)))
    }
    return difference != 0 ? difference : a.count - b.count
  }
}
