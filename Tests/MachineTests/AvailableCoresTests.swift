import Foundation
import TestSupport
import Testing

@testable import Machine

struct AvailableCoresTests {
  /// Whether OpenMP binds threads, so that the mask is not looked at.
  private static var isBound: Bool {
    ["OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY"].contains {
      ProcessInfo.processInfo.environment[$0] != nil
    }
  }

  /// 0x100000000 and 0x1 are two machines' masks of one core; a mask of none cannot be, and one of more cores than
  /// there are allows all.
  @Test(
    .enabled(if: !isBound),
    arguments: [
      ("00000001,00000000", 1), ("1", 1), ("0", 1),
      ("ffffffff,ffffffff", min(64, ProcessInfo.processInfo.activeProcessorCount)),
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
