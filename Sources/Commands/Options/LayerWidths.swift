import Models

/// Widths of hidden layers as they are typed: "256,512".
struct LayerWidths: OptionValue, Equatable {
  static var kind: String {
    "a list of widths from 1 to \(NetworkLimits.widths.upperBound), such as 256,512"
  }

  /// At least one.
  let widths: [Int]

  /// Traps on an empty list.
  init(_ widths: [Int]) {
    precondition(!widths.isEmpty, "no hidden layer")
    self.widths = widths
  }

  init?(optionText text: String) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    guard numbers.count == parts.count, NetworkLimits.hiddenLayers.contains(numbers.count),
      numbers.allSatisfy(NetworkLimits.widths.contains)
    else { return nil }
    widths = numbers
  }

  var optionText: String { Self.text(of: widths) }

  static func text(of widths: [Int]) -> String {
    widths.map(String.init).joined(separator: ",")
  }
}
