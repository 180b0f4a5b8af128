import Foundation

// Numbers and lists as people read them.

/// With zeros in front: "007". Longer where `digits` do not suffice. For numbers from 0 on.
package func padded(_ number: some BinaryInteger, to digits: Int, radix: Int = 10) -> String {
  let text = String(number, radix: radix)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}

/// With a comma between groups of three digits: "60,000". For numbers from 0 on.
package func grouped(_ number: Int) -> String {
  var text = ""
  for (position, digit) in String(number).reversed().enumerated() {
    if position > 0 && position.isMultiple(of: 3) { text.append(",") }
    text.append(digit)
  }
  return String(text.reversed())
}

/// "1 image", "60,000 images". For nouns whose plural takes an s, or the one given.
package func counted(_ number: Int, _ noun: String, plural: String? = nil) -> String {
  "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
}

/// "1.5 GiB", or "12 MiB" for less than a tenth of one.
package func memorySize(_ bytes: Int) -> String {
  let gibibytes = Double(bytes) / 0x1p30
  return gibibytes < 0.1
    ? "\(Int((Double(bytes) / 0x1p20).rounded(.up))) MiB" : String(format: "%.1f GiB", gibibytes)
}

/// "cat, dog and frog". For one word and more.
package func listed(_ words: [String], before last: String = " and ") -> String {
  guard let lastWord = words.last, words.count > 1 else { return words.joined() }
  return words.dropLast().joined(separator: ", ") + last + lastWord
}
