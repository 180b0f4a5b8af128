/// "cat, dog and frog". For one word and more.
package func listed(_ words: [String], before last: String = " and ") -> String {
  guard let lastWord = words.last, words.count > 1 else { return words.joined() }
  return words.dropLast().joined(separator: ", ") + last + lastWord
}
