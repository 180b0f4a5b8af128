import Foundation
import TestSupport
import Testing

@testable import Training

/// One process at a time holds a run's folder.
struct RunLockTests {
  private let host = ProcessInfo.processInfo.hostName
  private let process = Int(ProcessInfo.processInfo.processIdentifier)

  @Test func aSecondHolderIsToldWhoIsFirst() throws {
    try withTemporaryFolder { root in
      let folder = RunFolder(root.appendingPathComponent("runs/x"))
      do {
        let lock = try RunLock(folder, makingFolder: true)
        for making in [true, false] {
          let error = #expect(throws: RunError.self) { try RunLock(folder, makingFolder: making) }
          #expect(
            error?.description
              == "\(folder.url.path) is being trained by process \(process) on host \(host)")
        }
        try lock.checkFolder()
      }
      // Nothing was written, so that nothing is left.
      #expect(try FileManager.default.contentsOfDirectory(atPath: root.path) == [])
      _ = try RunLock(folder, makingFolder: true)
    }
  }

  @Test func whatWasThereStays() throws {
    try withTemporaryFolder { root in
      let folder = RunFolder(root.appendingPathComponent("x"))
      try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
      // Left by a process that was killed: the file is there, the lock is not.
      try Data("4711 elsewhere\n".utf8).write(to: folder.lock)
      do {
        let lock = try RunLock(folder, makingFolder: false)
        #expect(try String(contentsOf: folder.lock, encoding: .utf8) == "\(process) \(host)\n")
        withExtendedLifetime(lock) {}
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: root.path) == ["x"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [])
    }
  }

  @Test func aFolderThatIsMovedOrRemovedIsNoticed() throws {
    try withTemporaryFolder { root in
      let folder = RunFolder(root.appendingPathComponent("x"))
      let lock = try RunLock(folder, makingFolder: true)
      let moved = root.appendingPathComponent("y")
      try FileManager.default.moveItem(at: folder.url, to: moved)
      let error = #expect(throws: RunError.self) { try lock.checkFolder() }
      #expect(
        error?.description
          == "\(folder.url.path): the run's folder has been removed or moved; training cannot go on"
      )
      // Another folder of the same name is not the run's.
      try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
      #expect(throws: RunError.self) { try lock.checkFolder() }
      try FileManager.default.removeItem(at: folder.url)
      try FileManager.default.moveItem(at: moved, to: folder.url)
      try lock.checkFolder()
    }
  }

  @Test func anEmptiedFolderIsStillHeld() throws {
    try withTemporaryFolder { root in
      let folder = RunFolder(root.appendingPathComponent("x"))
      let lock = try RunLock(folder, makingFolder: true)
      try folder.create()
      try lock.emptyFolder()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [".lock"])
      #expect(throws: RunError.self) { try RunLock(folder, makingFolder: false) }
    }
  }
}
