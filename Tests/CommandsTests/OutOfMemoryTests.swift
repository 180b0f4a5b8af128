import Foundation
import Models
import Testing
import Torch

@testable import Commands

/// Limits of memory belong to a process, so each test has one of its own.
@Suite struct OutOfMemoryTests {
  /// Lets the process have this much more memory than it has.
  private static func limitMemory(toMore bytes: Int) throws {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let pages = text.split(separator: " ").first.flatMap { Int($0) } ?? 0
    let limit = rlim_t(pages * Int(getpagesize()) + bytes)
    var limits = rlimit(rlim_cur: limit, rlim_max: limit)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limits)
  }

  /// The file fits, but not its tensors beside it: the failure comes before there is a device.
  @Test func readingAModelEndsWithOneLine() async throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("cyclegan-tests-\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    // Nearly all of its 27.2 million weights (104 MiB) are the 4x4 kernels from 1,536 to 768, from 768 to
    // 384 and from 384 to 192 channels.
    var configuration = SampleModelConfiguration()
    configuration.architecture = .dcgan(filters: 192)
    let generator = configuration.makeGenerator()
    try SafeTensors(generator.stateDict).write(to: file)
    let result = await #expect(
      processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
    ) { [path = file.path as String] in
      // A process without memory may not even manage to crash.
      alarm(60)
      try Self.limitMemory(toMore: 160 << 20)
      exit(
        CommandLineTool.cyclegan.run(["dcgan", "generate", path, "--output", path + "-results"]))
    }
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(errors.hasPrefix("error: out of memory: "))
    #expect(errors.hasSuffix(" more was asked for; lower --count, or write no --sheet\n"))
  }
}
