/// Finds the name that a mistyped one was probably meant to be.
enum NearestMatch {
  /// The closest of `names`, or `nil` if none is close: one slip for each three letters, or a beginning
  /// of at least three letters.
  static func find(_ typed: String, among names: [String]) -> String? {
    guard (1...longest).contains(typed.count) else { return nil }
    let allowed = max(1, typed.count / 3)
    let near = names.map { (name: $0, distance: distance($0, typed)) }
      .filter { $0.distance <= allowed && !isOpposite($0.name, typed) }
      .min { $0.distance < $1.distance }
    if let near { return near.name }
    return typed.count >= 3 ? names.first { $0.hasPrefix(typed) } : nil
  }

  /// Whether two names, such as "dropout" and "no-dropout", differ by a negation: the nearer without it.
  private static func isOpposite(_ first: String, _ second: String) -> Bool {
    func isNearer(_ negation: String, _ other: String) -> Bool {
      ["no-", "no"].contains { prefix in
        negation.hasPrefix(prefix)
          && distance(String(negation.dropFirst(prefix.count)), other) < distance(negation, other)
      }
    }
    return isNearer(first, second) || isNearer(second, first)
  }

  /// Nobody means an option with a text longer than this.
  private static let longest = 64

  /// How many slips turn one word into another: a letter left out, added or replaced, or two
  /// neighbors swapped (optimal string alignment).
  static func distance(_ first: String, _ second: String) -> Int {
    let a = Array(first)
    let b = Array(second)
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          best = min(best, beforeLast[j - 1] + 1)
        }
        row.append(best)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
