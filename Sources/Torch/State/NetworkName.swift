/// What the networks of a training are called in files that hold several: "G_A" is also called "net_G_A", "netG_A"
/// as the reference's attribute is, and "generator_A".
package enum NetworkName {
  /// In the order in which they are taken where nothing is asked for.
  private static let known = ["G_A", "G_B", "G", "G_ema", "D_A", "D_B", "D"]

  private static func spellings(of name: String) -> [String] {
    let word = name.hasPrefix("G") ? "generator" : "discriminator"
    return [name, "net_\(name)", "net\(name)", word + name.dropFirst()]
  }

  /// Whether a word means one of the networks.
  static func isKnown(_ word: some StringProtocol) -> Bool {
    known.contains { spellings(of: $0).contains(String(word)) }
  }

  /// The first of the words that means a wanted network, the first wanted before the others; nil if none does.
  /// - Parameter wanted: such as "G_A"; empty for any that is known.
  package static func first(of wanted: [String], among words: [String]) -> String? {
    for name in wanted.isEmpty ? known : wanted {
      if let word = words.first(where: spellings(of: name).contains) { return word }
    }
    return nil
  }

  /// Of a file that holds other networks than the wanted.
  static func absence(of wanted: [String], among words: [String]) -> UnusableWeights {
    let names = wanted.joined(separator: " or ")
    return UnusableWeights(
      "it holds \(quoted(words))" + (wanted.isEmpty ? "" : ", and nothing called \(names)")
        + "; save the one that is meant by itself")
  }
}
