/// The names and leftovers of state dicts that other programs and older versions wrote.
enum StateDictNames {
  /// Words that wrappers of a module put in front of every name.
  private static let prefixes = ["module.", "_orig_mod."]

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
