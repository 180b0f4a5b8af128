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

  private struct Search {
    let heap: PickleHeap
    var tensors: [(name: String, tensor: PickleHeap.Tensor)] = []
    var path: [String] = []

    mutating func descend(
      _ value: PickleValue, networks: [String], depth: Int = 0
    ) throws(UnusableWeights) {
      if case .object = value {
        try collect(value, prefix: "", depth: 0)
        return
      }
      let entries = heap.entries(of: value)
      let keys = names(of: networks) + PickledStateDict.wrappers
      if depth < 4, let (key, inner) = first(of: keys, among: entries) {
        path.append(key)
        try descend(inner, networks: networks, depth: depth + 1)
        if !tensors.isEmpty { return }
        path.removeLast()
      }
      for (name, value) in entries {
        if case .tensor(let index) = value { try add(name, index) }
      }
    }

    /// "G_A" is also called "net_G_A", and "netG_A" as the reference's attribute is.
    private func names(of networks: [String]) -> [String] {
      let asked =
        networks.isEmpty ? ["G_A", "G_B", "G", "D_A", "D_B", "D"] : networks
      return asked.flatMap { [$0, "net_\($0)", "net\($0)"] }
    }

    /// Under the first key that leads to further entries.
    private func first(
      of keys: [String], among entries: [(key: String, value: PickleValue)]
    ) -> (key: String, value: PickleValue)? {
      for key in keys {
        if let entry = entries.first(where: { $0.key == key && holdsEntries($0.value) }) {
          return entry
        }
      }
      return nil
    }

    private func holdsEntries(_ value: PickleValue) -> Bool {
      switch value {
      case .dictionary, .object: true
      default: false
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
        held.append("optimizer states (\(Self.quoted(optimizers.map(\.key))))")
      }
      if !others.isEmpty { held.append(Self.quoted(others.map(\.key))) }
      return "a PyTorch training checkpoint without a network; it holds "
        + held.joined(separator: " and ")
    }

    private static func quoted(_ names: [String]) -> String {
      let shown = names.prefix(5).map { "'\($0.prefix(40))'" }.joined(separator: ", ")
      return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }
  }
}
