/// Reads a pickle that describes tensors, and executes nothing.
///
/// It knows the operations that PyTorch writes for state dicts and the checkpoints around them, and the names
/// of `PickleGlobal`; everything else is an error. Memory is bounded by the pickle's length, and no step
/// depends on how deep its values nest. Source: CPython's pickletools.py; torch/serialization.py.
struct PickleReader {
  var heap = PickleHeap()
  private(set) var input: PickleInput
  private let isScript: Bool
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  /// Elements that may still be copied: a short operation can name a long list again and again.
  private var copiesLeft = 1 << 20

  /// - Parameter isScript: whether classes of TorchScript may be mentioned.
  init(_ input: PickleInput, isScript: Bool = false) {
    self.input = input
    self.isScript = isScript
  }

  /// Reads one pickle up to its end; what it describes stands in `heap`. Another may follow in `input`, which
  /// does not see this one's memory.
  mutating func read() throws(UnusableWeights) -> PickleValue {
    (stack, marks, memo) = ([], [], [:])
    while true {
      let operation = try input.byte()
      if operation == UInt8(ascii: ".") { return try pop() }
      try perform(operation)
    }
  }

  private mutating func perform(_ operation: UInt8) throws(UnusableWeights) {
    switch operation {
    case 0x80:  // PROTO
      guard try input.byte() <= 5 else { throw Self.malformed }
    case 0x95: _ = try input.bytes(8)  // FRAME
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.bool(true))
    case 0x89: stack.append(.bool(false))
    case UInt8(ascii: "}"): stack.append(heap.dictionary())
    case UInt8(ascii: "]"): stack.append(heap.list())
    case UInt8(ascii: ")"): stack.append(heap.tuple([]))
    case UInt8(ascii: "t"): stack.append(heap.tuple(try popToMark()))
    case 0x85, 0x86, 0x87:  // TUPLE1 to TUPLE3
      stack.append(heap.tuple(try pop(count: Int(operation) - 0x84)))
    case UInt8(ascii: "a"): try append([try pop()])
    case UInt8(ascii: "e"): try append(try popToMark())
    case UInt8(ascii: "s"): try set(try pop(count: 2))
    case UInt8(ascii: "u"): try set(try popToMark())
    case UInt8(ascii: "q"): try remember(Int(try input.byte()))
    case UInt8(ascii: "r"): try remember(try input.length(4))
    case 0x94: try remember(memo.count)  // MEMOIZE
    case UInt8(ascii: "h"): try recall(Int(try input.byte()))
    case UInt8(ascii: "j"): try recall(try input.length(4))
    case UInt8(ascii: "c"):
      let module = try input.line()
      try mention(module, try input.line())
    case 0x93:  // STACK_GLOBAL
      guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
        throw Self.malformed
      }
      try mention(module, name)
    case UInt8(ascii: "i"):  // INST
      let module = try input.line()
      throw PickleGlobal.refusal(module, try input.line())
    case UInt8(ascii: "R"), 0x81: try call()  // REDUCE, NEWOBJ
    case UInt8(ascii: "b"): try build()
    case UInt8(ascii: "Q"): try loadPersistent()
    default: try readScalar(operation)
    }
  }

  /// Numbers, texts and bytes.
  private mutating func readScalar(_ operation: UInt8) throws(UnusableWeights) {
    switch operation {
    case UInt8(ascii: "K"): stack.append(.integer(Int(try input.byte())))
    case UInt8(ascii: "M"): stack.append(.integer(Int(try input.number(2))))
    case UInt8(ascii: "J"):
      stack.append(.integer(Int(Int32(truncatingIfNeeded: try input.number(4)))))
    case 0x8A: try readLong(count: Int(try input.byte()))
    case 0x8B: try readLong(count: try input.length(4))
    case UInt8(ascii: "G"):
      _ = try input.bytes(8)
      stack.append(.float)
    case UInt8(ascii: "X"): try readText(count: try input.length(4))
    case 0x8C, UInt8(ascii: "U"): try readText(count: Int(try input.byte()))
    case 0x8D: try readText(count: try input.length(8))
    case UInt8(ascii: "T"): try readText(count: try input.length(4))
    case UInt8(ascii: "C"): try skip(Int(try input.byte()))
    case UInt8(ascii: "B"): try skip(try input.length(4))
    default:
      let code = String(operation, radix: 16, uppercase: true)
      throw UnusableWeights("its pickle has the operation 0x\(code), which no state dict needs")
    }
  }

  private mutating func readText(count: Int) throws(UnusableWeights) {
    stack.append(.string(String(decoding: try input.bytes(count), as: UTF8.self)))
  }

  private mutating func skip(_ count: Int) throws(UnusableWeights) {
    _ = try input.bytes(count)
    stack.append(.opaque)
  }

  private mutating func readLong(count: Int) throws(UnusableWeights) {
    let bytes = try input.bytes(count)
    guard bytes.count <= 8 else {
      stack.append(.longInteger(bytes))
      return
    }
    let isNegative = (bytes.last ?? 0) & 0x80 != 0
    let padded = bytes + repeatElement(isNegative ? 0xFF : 0, count: 8 - bytes.count)
    stack.append(.integer(Int(Int64(bitPattern: littleEndian(padded, 0, 8)))))
  }
}

// MARK: The stack

extension PickleReader {
  static let malformed = UnusableWeights("its pickle makes no sense")

  /// PyTorch's own limit.
  private static let highestRank = 64

  /// Values in front of the last mark are out of reach.
  private var floor: Int { marks.last ?? 0 }

  private mutating func pop() throws(UnusableWeights) -> PickleValue {
    guard stack.count > floor else { throw Self.malformed }
    return stack.removeLast()
  }

  private mutating func pop(count: Int) throws(UnusableWeights) -> [PickleValue] {
    guard stack.count - floor >= count else { throw Self.malformed }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(UnusableWeights) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw Self.malformed }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func remember(_ place: Int) throws(UnusableWeights) {
    guard stack.count > floor, let value = stack.last else { throw Self.malformed }
    memo[place] = value
  }

  private mutating func recall(_ place: Int) throws(UnusableWeights) {
    guard let value = memo[place] else { throw Self.malformed }
    stack.append(value)
  }

  private mutating func mention(_ module: String, _ name: String) throws(UnusableWeights) {
    stack.append(
      .global(try PickleGlobal(module: module, name: name, isScript: isScript)))
  }

  /// Appends to the list on top of the stack.
  private mutating func append(_ elements: [PickleValue]) throws(UnusableWeights) {
    guard stack.count > floor, case .list(let index) = stack.last else { throw Self.malformed }
    heap.lists[index] += elements
  }

  /// Puts keys and values, in turns, into the dictionary on top of the stack.
  private mutating func set(_ elements: [PickleValue]) throws(UnusableWeights) {
    guard stack.count > floor, case .dictionary(let index) = stack.last,
      elements.count.isMultiple(of: 2)
    else { throw Self.malformed }
    for place in stride(from: 0, to: elements.count, by: 2) {
      heap.dictionaries[index].append((elements[place], elements[place + 1]))
    }
  }
}

// MARK: What calls stand for

extension PickleReader {
  /// A state that is put into what is on the stack: a module's attributes; of a dictionary, what PyTorch notes
  /// beside it.
  private mutating func build() throws(UnusableWeights) {
    let state = try pop()
    guard stack.count > floor, let target = stack.last else { throw Self.malformed }
    switch target {
    case .object(let index): heap.objects[index].attributes = state
    case .dictionary, .tensor, .opaque: break
    default: throw Self.malformed
    }
  }

  private mutating func call() throws(UnusableWeights) {
    guard case .tuple(let index) = try pop(), case .global(let global) = try pop() else {
      throw Self.malformed
    }
    stack.append(try result(of: global, heap.tuples[index]))
  }

  private mutating func result(
    of global: PickleGlobal, _ arguments: [PickleValue]
  ) throws(UnusableWeights) -> PickleValue {
    switch global {
    case .orderedDictionary: return try orderedDictionary(arguments)
    case .counter:
      guard let first = arguments.first else { return heap.dictionary() }
      return first
    case .rebuildTensor: return try tensor(arguments)
    case .rebuildParameter, .sequence:
      guard let first = arguments.first else { throw Self.malformed }
      return first
    case .rebuildFromType:
      // A function, a class, the function's arguments and a state.
      guard arguments.count == 4, case .global(let inner) = arguments[0],
        case .tuple(let index) = arguments[2]
      else { throw Self.malformed }
      if case .rebuildFromType = inner { throw Self.malformed }
      return try result(of: inner, heap.tuples[index])
    case .tensorClass(let module, let name): throw PickleGlobal.refusal(module, name)
    case .opaque: return .opaque
    case .scriptClass:
      heap.objects.append(.init(attributes: .none))
      return .object(heap.objects.count - 1)
    case .storage: throw Self.malformed
    }
  }

  /// Python 2 wrote the pairs as an argument.
  private mutating func orderedDictionary(
    _ arguments: [PickleValue]
  ) throws(UnusableWeights) -> PickleValue {
    guard let first = arguments.first else { return heap.dictionary() }
    guard arguments.count == 1, let items = heap.elements(of: first) else { throw Self.malformed }
    copiesLeft -= items.count
    guard copiesLeft >= 0 else { throw Self.malformed }
    var pairs: [(key: PickleValue, value: PickleValue)] = []
    for item in items {
      guard let pair = heap.elements(of: item), pair.count == 2 else { throw Self.malformed }
      pairs.append((pair[0], pair[1]))
    }
    return heap.dictionary(pairs)
  }

  /// A storage, an offset, a shape and strides; what follows is about gradients.
  private mutating func tensor(_ arguments: [PickleValue]) throws(UnusableWeights) -> PickleValue {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1],
      let sizes = heap.elements(of: arguments[2]), sizes.count <= Self.highestRank,
      let steps = heap.elements(of: arguments[3]), steps.count == sizes.count,
      let shape = heap.integers(sizes), let strides = heap.integers(steps)
    else { throw Self.malformed }
    heap.tensors.append(
      .init(storage: heap.storages[storage], offset: offset, shape: shape, strides: strides))
    return .tensor(heap.tensors.count - 1)
  }

  /// "storage", its type, key, device and number of elements; in legacy files also a part of it, as a key of
  /// its own, an offset and a number of elements.
  private mutating func loadPersistent() throws(UnusableWeights) {
    guard case .tuple(let index) = try pop() else { throw Self.malformed }
    let id = heap.tuples[index]
    guard id.count >= 5, case .string("storage") = id[0] else {
      if case .string(let kind) = id.first {
        throw UnusableWeights("the file holds a whole '\(kind)', not a state_dict()")
      }
      throw Self.malformed
    }
    guard case .global(.storage(let type)) = id[1], let key = Self.key(id[2]),
      case .integer(let count) = id[4], count >= 0
    else { throw Self.malformed }
    var range = 0..<count
    if id.count > 5, let view = heap.elements(of: id[5]) {
      guard view.count == 3, case .integer(let start) = view[1],
        case .integer(let length) = view[2], start >= 0, length >= 0, start <= count,
        length <= count - start
      else { throw Self.malformed }
      range = start..<(start + length)
    }
    heap.storages.append(.init(key: key, type: type, count: count, range: range))
    stack.append(.storage(heap.storages.count - 1))
  }

  /// A text, or a number in the oldest files.
  private static func key(_ value: PickleValue) -> String? {
    switch value {
    case .string(let text): text
    case .integer(let number): String(number)
    default: nil
    }
  }
}
