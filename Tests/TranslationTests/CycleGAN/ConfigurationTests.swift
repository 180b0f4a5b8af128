import Files
import Foundation
import TestSupport
import Testing
import Training
import Translation

/// `config.json` of this version and of older ones.
struct ConfigurationTests {
  private func read(_ text: String) throws -> CycleGANConfiguration {
    try withTemporaryFolder { root in
      let file = root.appendingPathComponent("config.json")
      try Data(text.utf8).write(to: file)
      return try CycleGANConfiguration.read(from: file)
    }
  }

  @Test func whatIsWrittenIsRead() throws {
    try withTemporaryFolder { root in
      var configuration = CycleGANConfiguration()
      configuration.seed = .max
      configuration.networks.generator = .resnet6
      configuration.networks.blocks = 2
      configuration.losses.adversary = .hinge
      configuration.optimization.learningRate = 1.0 / 3
      configuration.schedule.sampleEvery = 7
      configuration.data.maximumImages = 5
      let file = root.appendingPathComponent("config.json")
      try writeJSON(configuration, to: file)
      #expect(try CycleGANConfiguration.read(from: file) == configuration)
    }
  }

  /// But for the snapshots: programs that did not know the key kept all.
  @Test func missingKeysTakeTheirDefaults() throws {
    var expected = CycleGANConfiguration()
    expected.schedule.keepLast = 0
    expected.data.cropSize = 128
    #expect(
      try read(#"{"formatVersion": 3, "data": {"cropSize": 128, "flip": null}, "later": 1}"#)
        == expected)
  }

  /// Version 2 had the epochs elsewhere, a limit of steps, and no blocks where the name has them.
  @Test func version2IsMigrated() throws {
    var expected = CycleGANConfiguration()
    expected.networks.generator = .resnet6
    expected.schedule.constantEpochs = 3
    expected.schedule.decayEpochs = 0
    expected.schedule.keepLast = 0
    expected.optimization.learningRate = 0.001
    let old = #"""
      {"formatVersion": 2, "networks": {"generator": "resnet6"}, "optimization": {"constantEpochs": 3,
      "decayEpochs": 0, "maximumSteps": 4, "learningRate": 0.001}}
      """#
    #expect(try read(old) == expected)
  }

  @Test(arguments: [
    (
      #"{"formatVersion": 99}"#,
      "format version 99 is not one from 1 to 3, which this program reads"
    ),
    ("[]", "this is not the configuration of a run"),
    ("{", "this is not the configuration of a run"),
    (
      #"{"formatVersion": 3, "data": {"cropSize": "a"}}"#,
      "the configuration is damaged: 'data.cropSize' is not of the right kind"
    ),
  ])
  func whatCannotBeReadIsNamed(_ text: String, reason: String) {
    let error = #expect(throws: FileError.self) { try read(text) }
    #expect(error?.reason == reason)
  }
}
