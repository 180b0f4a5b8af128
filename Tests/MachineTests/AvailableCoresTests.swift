import Foundation
import TestSupport
import Testing

@testable import Machine

@Suite
struct AvailableCoresTests {
  /// 0x100000000 and 0x1 are two machines' masks of one core; a mask of none cannot be, and one of more cores than there are
  /// allows all.
  @Test(arguments: [
    ("00000001,00000000", 1), ("1", 1), ("0", 1),
    ("ffffffff,ffffffff", ProcessInfo.processInfo.activeProcessorCount),
  ])
  func coresThatTheMaskForbidsDoNotCount(mask: String, cores: Int) throws {
    try withTemporaryFolder { root in
      let folder = root.appendingPathComponent("proc/self")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data("Name:\tcyclegan\nCpus_allowed:\t\(mask)\nCpus_allowed_list:\t32\n".utf8)
        .write(to: folder.appendingPathComponent("status"))
      #expect(availableCores(in: ControlGroups(root: root.path)) == cores)
    }
  }
}
