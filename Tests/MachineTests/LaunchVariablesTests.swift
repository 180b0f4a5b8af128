import Testing

@testable import Machine

struct LaunchVariablesTests {
  @Test func numbersAreReadAndOthersNamed() throws {
    let variables = LaunchVariables(["A": "7", "B": "", "C": "-1", "D": "x", "E": "0"])
    #expect(try variables.number("A") == 7)
    #expect(try variables.number("B") == nil)
    #expect(try variables.number("Z") == nil)
    for (name, text) in [("C", "-1"), ("D", "x")] {
      let error = #expect(throws: LaunchError.self) { try variables.number(name) }
      #expect(error?.description == "\(name): '\(text)' is not a number from 0 on")
    }
    let error = #expect(throws: LaunchError.self) { try variables.number("E", in: 1...5) }
    #expect(error?.description == "E: '0' is not a number from 1 on")
  }

  @Test func twoNumbersComeTogether() throws {
    let both = try LaunchVariables(["I": "1", "N": "4"]).pair("I", "N")
    #expect(both?.index == 1 && both?.count == 4)
    #expect(try LaunchVariables([:]).pair("I", "N") == nil)
    let error = #expect(throws: LaunchError.self) { try LaunchVariables(["I": "1"]).pair("I", "N") }
    #expect(error?.description == "I is set, but N is not")
    let other = #expect(throws: LaunchError.self) { try LaunchVariables(["N": "1"]).pair("I", "N") }
    #expect(other?.description == "N is set, but I is not")
  }
}
