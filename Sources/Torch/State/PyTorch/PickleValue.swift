/// What a pickle builds. Everything that holds other values stands in a `PickleHeap` under its number, so that
/// values may hold one another in circles and to any depth.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  /// One that does not fit into 64 bits, little-endian in two's complement.
  case longInteger([UInt8])
  case float
  case string(String)
  /// Bytes, a device or a type of elements, none of which a state dict has a use for.
  case opaque
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  /// A module of TorchScript.
  case object(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)
}

/// The values of one pickle that hold others.
struct PickleHeap {
  struct Object {
    var attributes: PickleValue
  }

  /// A storage, or a part of one, as the pickle names it.
  struct Storage {
    let key: String
    let type: ElementType
    /// Elements of the whole storage.
    let count: Int
    /// The elements that are meant.
    let range: Range<Int>
  }

  struct Tensor {
    let storage: Storage
    /// In elements from the beginning of the storage's range.
    let offset: Int
    let shape: [Int]
    let strides: [Int]
  }

  var tuples: [[PickleValue]] = []
  var lists: [[PickleValue]] = []
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var objects: [Object] = []
  var storages: [Storage] = []
  var tensors: [Tensor] = []

  mutating func tuple(_ elements: [PickleValue]) -> PickleValue {
    tuples.append(elements)
    return .tuple(tuples.count - 1)
  }

  mutating func list(_ elements: [PickleValue] = []) -> PickleValue {
    lists.append(elements)
    return .list(lists.count - 1)
  }

  mutating func dictionary(
    _ pairs: [(key: PickleValue, value: PickleValue)] = []
  ) -> PickleValue {
    dictionaries.append(pairs)
    return .dictionary(dictionaries.count - 1)
  }

  /// The elements of a tuple or a list; nil for another value.
  func elements(of value: PickleValue) -> [PickleValue]? {
    switch value {
    case .tuple(let index): tuples[index]
    case .list(let index): lists[index]
    default: nil
    }
  }

  /// Nil if one of them is no integer.
  func integers(_ elements: [PickleValue]) -> [Int]? {
    var integers: [Int] = []
    for element in elements {
      guard case .integer(let number) = element else { return nil }
      integers.append(number)
    }
    return integers
  }

  /// What stands under texts in a dictionary or an object's attributes, the last of several; empty for another
  /// value. In the order of first mention.
  func entries(of value: PickleValue) -> [(key: String, value: PickleValue)] {
    let index: Int
    switch value {
    case .dictionary(let own): index = own
    case .object(let own):
      guard case .dictionary(let attributes) = objects[own].attributes else { return [] }
      index = attributes
    default: return []
    }
    var places: [String: Int] = [:]
    var entries: [(key: String, value: PickleValue)] = []
    for (key, value) in dictionaries[index] {
      guard case .string(let name) = key else { continue }
      if let place = places[name] {
        entries[place].value = value
      } else {
        places[name] = entries.count
        entries.append((name, value))
      }
    }
    return entries
  }
}

/// The names that a pickle may mention; each stands for something that is done here, in Swift. All others are
/// refused when they are mentioned.
enum PickleGlobal {
  case orderedDictionary
  /// A dictionary of counts, as learning-rate schedules have.
  case counter
  case rebuildTensor
  case rebuildParameter
  /// A tensor with attributes of its own, or a buffer: by another of these, with its arguments.
  case rebuildFromType
  case storage(ElementType)
  /// Returns its only argument: sizes, and TorchScript's lists of numbers.
  case sequence
  /// What a tensor is made an instance of; not to be called.
  case tensorClass(module: String, name: String)
  /// Called with anything, or mentioned, it is of no interest.
  case opaque
  /// A class of TorchScript, whose objects are their attributes.
  case scriptClass

  /// Throws an error that names what is not in the list.
  /// - Parameter isScript: whether the pickle stands in an archive of TorchScript.
  init(module: String, name: String, isScript: Bool) throws(UnusableWeights) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("collections", "Counter"): self = .counter
    case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"):
      self = .rebuildTensor
    case ("torch._utils", "_rebuild_parameter"),
      ("torch._utils", "_rebuild_parameter_with_state"):
      self = .rebuildParameter
    case ("torch._tensor", "_rebuild_from_type_v2"): self = .rebuildFromType
    case ("torch", "Size"): self = .sequence
    case ("torch", "device"): self = .opaque
    case ("torch", "Tensor"), ("torch.nn.parameter", "Buffer"), ("torch.nn.parameter", "Parameter"):
      self = .tensorClass(module: module, name: name)
    case ("torch", let type) where Self.elementTypes.contains(type): self = .opaque
    case ("torch", let storage) where storage.hasSuffix("Storage"):
      guard let type = ElementType(rawValue: storage) else {
        throw UnusableWeights(
          "the file has a \(storage), whose type of elements is not supported")
      }
      self = .storage(type)
    case ("torch.jit._pickle", let builder) where isScript && Self.scriptLists.contains(builder):
      self = .sequence
    case (let module, _) where isScript && (module + ".").hasPrefix("__torch__."):
      self = .scriptClass
    default:
      throw Self.refusal(module, name)
    }
  }

  static func refusal(_ module: String, _ name: String) -> UnusableWeights {
    let wanted = "\(module).\(name)"
    let shown = wanted.count > 100 ? wanted.prefix(100) + "..." : wanted[...]
    let owner = owners.first { "\(module).".hasPrefix("\($0.package).") }?.words ?? ""
    return UnusableWeights(
      "the file would run \(shown)\(owner); refused, since weights need no code. Save a state_dict()"
    )
  }

  /// What a file is whose classes are in these packages.
  private static let owners: [(package: String, words: String)] = [
    ("dnnlib", " of a StyleGAN, which is not read here"),
    ("torch_utils", " of a StyleGAN, which is not read here"),
    ("diffusers", " of a diffusion model, which is not read here"),
    ("ldm", " of a diffusion model, which is not read here"),
    ("pytorch_lightning", " of PyTorch Lightning"),
    ("lightning", " of PyTorch Lightning"),
  ]

  private static let elementTypes: Set = [
    "float32", "float64", "float16", "bfloat16", "uint8", "int8", "int16", "int32", "int64", "bool",
  ]
  private static let scriptLists: Set = [
    "build_intlist", "build_doublelist", "build_boollist", "build_tensorlist",
  ]
}
