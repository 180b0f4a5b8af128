import Foundation
import TestSupport
import Testing

@testable import Imaging

/// Every file of the corpus, through Swift and, under sanitizers, through the shims alone.
@Suite struct HostileFileTests {
  /// An image within the limit or an error; nothing is allocated for what a header only claims.
  @Test func everyFileGivesAnImageOrAnError() throws {
    let files = try HostileCorpus.files()
    #expect(files.count >= 200)
    #expect(Set(files.map(\.name)).count == files.count)
    try withTemporaryFolder { folder in
      var (images, errors) = (0, 0)
      for file in files {
        let url = folder.appendingPathComponent(file.name)
        try Data(file.bytes).write(to: url)
        for acceptTruncated in [false, true] {
          var options = ReadOptions()
          options.maximumPixels = 1_000_000
          options.acceptTruncated = acceptTruncated
          options.minimumHeight = file.bytes.count.isMultiple(of: 2) ? 5 : nil
          do {
            let image = try ImageFile.read(from: url, options: options).image
            #expect(image.height * image.width <= options.maximumPixels)
            images += 1
          } catch {
            errors += 1
          }
        }
      }
      #expect(images > 50 && errors > 300)
    }
  }

  /// AddressSanitizer and UndefinedBehaviorSanitizer abort at the first finding. The shims are compiled
  /// for this, since the rest of the program would have to be, libtorch included.
  @Test(arguments: ImageFormat.allCases) func sanitizersFindNothing(format: ImageFormat) throws {
    let files = try HostileCorpus.files().filter {
      ImageFormat(pathExtension: String($0.name.split(separator: ".").last ?? "")) == format
    }
    #expect(files.count >= 100)
    try withTemporaryFolder { folder in
      let program = folder.appendingPathComponent("run")
      try Self.compileHarness(format, to: program)
      let paths = try files.map { file in
        let url = folder.appendingPathComponent(file.name)
        try Data(file.bytes).write(to: url)
        return url.path
      }
      let fixtures = try [Fixture.url(""), fixture("TIFF")].flatMap {
        try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)
      }.filter { ImageFormat(pathExtension: $0.pathExtension) == format }.map(\.path)
      let (status, output) = try runProgram(program.path, paths + fixtures)
      #expect(status == 0 && output == "\(paths.count + fixtures.count) files\n", "\(output)")
    }
  }

  private static func compileHarness(_ format: ImageFormat, to program: URL) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let shim = root.appendingPathComponent("Sources/C\(format.name)")
    let common = root.appendingPathComponent("Sources/CCodec")
    let harness = root.appendingPathComponent("Tests/Fuzzing")
    let sources =
      try FileManager.default.contentsOfDirectory(atPath: shim.path).filter { $0.hasSuffix(".c") }
      .map { shim.appendingPathComponent($0).path }
      + [common.appendingPathComponent("codec.c").path]
      + ["fuzz_\(format.rawValue).c", "run_files.c"].map {
        harness.appendingPathComponent($0).path
      }
    let libraries =
      switch format {
      case .jpeg: ["-ljpeg"]
      case .png: ["-lpng", "-lz"]
      case .tiff: ["-ltiff", "-lm"]
      default: ["-lwebp", "-lwebpmux"]
      }
    let (status, output) = try runProgram(
      "/usr/bin/env",
      [
        try compiler(), "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
        "-I\(shim.path)/include", "-I\(common.path)/include",
      ] + sources + libraries + ["-o", program.path])
    try #require(status == 0, "\(output)")
  }

  /// The Swift toolchain's clang, or the compiler that libtorch's headers need anyway.
  private static func compiler() throws -> String {
    for name in ["clang", "gcc", "cc"]
    where try runProgram("/usr/bin/env", ["which", name]).status == 0 {
      return name
    }
    throw CompilerMissing()
  }

  private struct CompilerMissing: Error {}
}
