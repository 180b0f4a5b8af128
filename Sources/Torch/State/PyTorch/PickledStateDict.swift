/// The tensors of a network in what a pickle describes: a state dict, a checkpoint with state dicts in it, or a
/// module of TorchScript.
struct PickledStateDict {
  let tensors: [(name: String, tensor: PickleHeap.Tensor)]
  /// What was chosen among several things, one line each.
  let notices: [String]

  /// Throws an error that says what is there where no network's tensors are.
  /// - Parameter networks: whose tensors are wanted, such as "G_A", the first that is there; empty for any.
  init(_ value: PickleValue, in heap: PickleHeap, networks: [String]) throws(UnusableWeights) {
    var search = Search(heap: heap)
    try search.descend(value, networks: networks)
    guard !search.tensors.isEmpty else {
      throw UnusableWeights(Description(heap: heap).words(for: value))
    }
    tensors = search.tensors
    notices =
      search.path.isEmpty
      ? [] : ["took the tensors under '\(search.path.joined(separator: "'.'"))'"]
  }

  /// More than any network has.
  fileprivate static let mostTensors = 1 << 16
}

extension PickledStateDict {
  /// Keys that checkpoints have for the weights of a network, the better weights first.
  private static let wrappers = ["params_ema", "state_dict", "params", "model", "net"]

  /// What the networks in a checkpoint are called; empty where it holds one without a name of its own.
  static func networks(in value: PickleValue, _ heap: PickleHeap) -> [String] {
    var search = Search(heap: heap)
    var value = value
    for _ in 0..<Search.mostLevels {
      let holders = search.holders(in: value)
      guard let first = holders.first else { break }
      if holders.count > 1 || NetworkName.isKnown(first.key) { return holders.map(\.key) }
      value = first.value
    }
    guard (try? search.take(value)) != nil else { return [] }
    return StateDictNames.networks(among: search.tensors.map(\.name))
  }

  private struct Search {
    let heap: PickleHeap
    var tensors: [(name: String, tensor: PickleHeap.Tensor)] = []
    var path: [String] = []
    /// What is known about dictionaries, by their number: those that hold one another are looked into once.
    private var holding: [Int: Bool] = [:]

    static let mostLevels = 4

    init(heap: PickleHeap) { self.heap = heap }

    /// Goes down to the network's tensors, through what stands around them.
    mutating func descend(
      _ value: PickleValue, networks: [String], level: Int = 0
    ) throws(UnusableWeights) {
      let holders = level < Self.mostLevels ? holders(in: value) : []
      let keys = holders.map(\.key)
      var wanted = networks
      let key: String
      if let asked = NetworkName.first(of: networks, among: keys) {
        key = asked
        wanted = []
      } else if let wrapper = PickledStateDict.wrappers.first(where: keys.contains) {
        key = wrapper
      } else if let only = keys.first, keys.count == 1,
        networks.isEmpty || !NetworkName.isKnown(only)
      {
        key = only
      } else if keys.isEmpty {
        return try take(value)
      } else {
        throw NetworkName.absence(of: networks, among: keys)
      }
      path.append(key)
      for (name, inner) in holders where name == key {
        try descend(inner, networks: wanted, level: level + 1)
      }
    }

    /// The entries of a checkpoint that hold tensors, but for optimizers. None for a state dict, whose entries are
    /// tensors themselves.
    mutating func holders(in value: PickleValue) -> [(key: String, value: PickleValue)] {
      guard case .dictionary = value else { return [] }
      let entries = heap.entries(of: value)
      let isStateDict = entries.contains { entry in
        if case .tensor = entry.value { entry.key.contains(".") } else { false }
      }
      return isStateDict ? [] : entries.filter { holdsTensors($0.value, level: 1) }
    }

    private mutating func holdsTensors(_ value: PickleValue, level: Int) -> Bool {
      guard case .dictionary(let index) = value else {
        if case .object = value { return true }
        return false
      }
      if let known = holding[index] { return known }
      // What leads back to itself adds nothing.
      holding[index] = false
      let entries = heap.entries(of: value)
      let isOptimizer = entries.contains { $0.key == "param_groups" }
      var found = false
      for (_, value) in isOptimizer ? [] : entries where !found {
        if case .tensor = value {
          found = true
        } else if level < Self.mostLevels {
          found = holdsTensors(value, level: level + 1)
        }
      }
      holding[index] = found
      return found
    }

    /// Takes the tensors of a state dict or a module.
    mutating func take(_ value: PickleValue) throws(UnusableWeights) {
      if case .object = value { return try collect(value, prefix: "", depth: 0) }
      for (name, value) in heap.entries(of: value) {
        if case .tensor(let index) = value { try add(name, index) }
      }
    }

    /// A module's tensors and those of its children, under names with dots.
    private mutating func collect(
      _ module: PickleValue, prefix: String, depth: Int
    ) throws(UnusableWeights) {
      guard depth < 64 else { throw UnusableWeights("its modules nest deeper than any network's") }
      for (name, value) in heap.entries(of: module) {
        switch value {
        case .tensor(let index): try add(prefix + name, index)
        case .object: try collect(value, prefix: "\(prefix)\(name).", depth: depth + 1)
        default: break
        }
      }
    }

    private mutating func add(_ name: String, _ index: Int) throws(UnusableWeights) {
      guard tensors.count < PickledStateDict.mostTensors else {
        throw UnusableWeights("it has more tensors than any network")
      }
      tensors.append((name, heap.tensors[index]))
    }
  }

  /// What a file holds that has no network's tensors.
  private struct Description {
    let heap: PickleHeap

    func words(for value: PickleValue) -> String {
      let entries = heap.entries(of: value)
      if case .tensor = value { return "a PyTorch file with one tensor, not a state dict" }
      guard !entries.isEmpty else { return "a PyTorch file without a state dict" }
      let optimizers = entries.filter { entry in
        heap.entries(of: entry.value).contains { $0.key == "param_groups" }
      }
      let isOptimizer = entries.contains { $0.key == "param_groups" }
      let others = entries.filter { entry in !optimizers.contains { $0.key == entry.key } }
      if isOptimizer { return "the state of an optimizer, not of a network" }
      var held: [String] = []
      if !optimizers.isEmpty {
        held.append("optimizer states (\(quoted(optimizers.map(\.key))))")
      }
      if !others.isEmpty { held.append(quoted(others.map(\.key))) }
      return "a PyTorch training checkpoint without a network; it holds "
        + held.joined(separator: " and ")
    }
  }
}
