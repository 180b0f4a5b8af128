import Testing
import Wording

/// Numbers and lists as people read them.
struct WordingTests {
  @Test(arguments: [(7, 3, "007"), (1234, 3, "1234"), (0, 1, "0"), (0, 4, "0000")])
  func zerosComeInFront(number: Int, digits: Int, text: String) {
    #expect(padded(number, to: digits) == text)
  }

  @Test func hexadecimalIsPaddedAsWell() {
    #expect(padded(0x803, to: 8, radix: 16) == "00000803")
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (60_000, "60,000"), (1_234_567, "1,234,567"),
  ])
  func thousandsAreGrouped(number: Int, text: String) {
    #expect(grouped(number) == text)
  }

  @Test func nounsAgreeWithTheirNumbers() {
    #expect(counted(1, "image") == "1 image")
    #expect(counted(0, "image") == "0 images")
    #expect(counted(1000, "class", plural: "classes") == "1,000 classes")
  }

  @Test func gibibytesAreRounded() {
    #expect(memorySize(3 << 29) == "1.5 GiB")
    #expect(memorySize(1 << 28) == "0.2 GiB")
    #expect(memorySize(3 << 20) == "3 MiB")
    #expect(memorySize(1) == "1 MiB")
    #expect(memorySize(0) == "0 MiB")
  }

  @Test(arguments: [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")])
  func theLastWordIsSetApart(words: [String], text: String) {
    #expect(listed(words, before: " or ") == text)
  }
}
