/// The names and leftovers of state dicts that other programs and older versions wrote.
enum StateDictNames {
  /// Words that wrappers of a module put in front of every name.
  private static let prefixes = ["module.", "_orig_mod."]

  /// What the networks are called whose tensors have them in front of their names, as those of a module that holds
  /// them all, in order; empty unless there are several and nothing else.
  static func networks(among names: [String]) -> [String] {
    var found: [String] = []
    for name in names {
      let word = name.prefix { $0 != "." }
      guard word.count < name.count, NetworkName.isKnown(word) else { return [] }
      if !found.contains(String(word)) { found.append(String(word)) }
    }
    return found.count > 1 ? found : []
  }

  /// One network's tensors, under its own names, where `networks(among:)` finds several; all of them otherwise.
  /// - Parameter wanted: as `WeightsFile` takes them.
  static func part<Value>(
    of tensors: [(name: String, value: Value)], networks wanted: [String]
  ) throws(UnusableWeights) -> (tensors: [(name: String, value: Value)], notices: [String]) {
    let found = networks(among: tensors.map(\.name))
    guard !found.isEmpty else { return (tensors, []) }
    guard let word = NetworkName.first(of: wanted, among: found) else {
      throw NetworkName.absence(of: wanted, among: found)
    }
    let part = tensors.filter { $0.name.hasPrefix(word + ".") }
      .map { (String($0.name.dropFirst(word.count + 1)), $0.value) }
    return (part, ["took the tensors under '\(word)'"])
  }

  /// A state dict under the names of its module alone, without the statistics that PyTorch 0.3 and 0.4 saved for
  /// instance norm, in the same order, and what was changed, one line each.
  static func understood<Value>(
    _ tensors: [(name: String, value: Value)]
  ) -> (tensors: [(name: String, value: Value)], notices: [String]) {
    var notices: [String] = []
    var result = tensors
    while !result.isEmpty,
      let prefix = prefixes.first(where: { prefix in
        result.allSatisfy { $0.name.hasPrefix(prefix) }
      })
    {
      result = result.map { (String($0.name.dropFirst(prefix.count)), $0.value) }
      notices.append("took '\(prefix)' off the names of the tensors")
    }
    let names = Set(result.map(\.name))
    let kept = result.filter { !isLegacyStatistic($0.name, among: names) }
    if kept.count < result.count {
      notices.append("ignored the running statistics of instance norm, which never uses them")
    }
    return (kept, notices)
  }

  private static func isLegacyStatistic(_ name: String, among names: Set<String>) -> Bool {
    for ending in ["running_mean", "running_var", "num_batches_tracked"] {
      guard name.hasSuffix("." + ending) else { continue }
      return !names.contains(name.dropLast(ending.count) + "weight")
    }
    return false
  }
}
