import Foundation
import Testing

@testable import Reporting

struct LogTableTests {
  private func table(_ lines: [String]) -> LogTable {
    LogTable(Data(lines.joined(separator: "\n").utf8))
  }

  @Test func columnsAreTheKeysOfAllLines() {
    let table = table([#"{"step":1,"G":2}"#, #"{"step":2,"D":0.5,"name":"x"}"#])
    #expect(table.columns == ["step", "D", "G"])
    #expect(table.rows == [[1, nil, 2], [2, 0.5, nil]])
  }

  /// A process that was killed may leave half a line.
  @Test func linesThatCannotBeReadArePassedOver() {
    let table = table([#"{"step":1,"G":2}"#, #"{"step":2,"G":"#])
    #expect(table.rows == [[1, 2]])
    #expect(self.table([]).rows.isEmpty)
  }

  /// Counts are those at the end of a group, all else is its mean: (1 + 3) / 2 and (5 + 7) / 2.
  @Test func longLogsAreThinned() {
    let lines = (1...4).map { #"{"step":\#($0),"G":\#(2 * $0 - 1)}"# }
    #expect(table(lines).thinned(to: 2).rows == [[2, 2], [4, 6]])
    #expect(table(lines).thinned(to: 4).rows == table(lines).rows)
  }

  @Test func alarmsComeWithTheirSteps() {
    let alarms = table([#"{"step":7,"alarms":["first","second"]}"#]).alarms
    #expect(alarms.map(\.step) == [7, 7])
    #expect(alarms.map(\.text) == ["first", "second"])
  }
}
