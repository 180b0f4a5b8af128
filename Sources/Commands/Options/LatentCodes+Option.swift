import Models

extension LatentCodes: OptionValue {
  static var kind: String { "a list of codes such as 10,u,u: a number from 2 to 1000, or u" }
  init?(optionText: String) { self.init(text: optionText) }
  var optionText: String { text }
}
