import Files
import Foundation
import Models
import TestSupport
import Testing
import Torch

/// How a file says what its tensors do not show.
struct GeneratorMetadataTests {
  private func configuration(
    skips: GeneratorConfiguration.Skips = .none,
    upsampling: GeneratorConfiguration.Upsampling = .transposed
  ) -> GeneratorConfiguration {
    var configuration = GeneratorConfiguration()
    configuration.architecture = .resNet(blocks: 1)
    configuration.baseChannels = 4
    configuration.skips = skips
    configuration.upsampling = upsampling
    return configuration
  }

  private var uNet: GeneratorConfiguration {
    var configuration = GeneratorConfiguration()
    configuration.architecture = .uNet(downsamplings: 5)
    configuration.baseChannels = 2
    return configuration
  }

  private func write(
    _ configuration: GeneratorConfiguration, metadata: [String: String]
  ) throws -> GeneratorWeights {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("net_G_A.safetensors")
      try SafeTensors(configuration.makeGenerator().stateDict, metadata: metadata).write(to: file)
      return try GeneratorWeights(reading: file)
    }
  }

  /// Interpolation is seen in the shapes of its weights as well; older programs did not say it.
  @Test(arguments: [
    (GeneratorConfiguration.Skips.none, GeneratorConfiguration.Upsampling.transposed, [:]),
    (.features, .transposed, ["skips": "features"]),
    (.none, .smoothed, ["upsampling": "smoothed"]),
    (.features, .smoothed, ["skips": "features", "upsampling": "smoothed"]),
    (.features, .bilinear, ["skips": "features", "upsampling": "bilinear"]),
  ])
  func aFileSaysWhichItIs(
    _ skips: GeneratorConfiguration.Skips, _ upsampling: GeneratorConfiguration.Upsampling,
    metadata: [String: String]
  ) throws {
    let c = configuration(skips: skips, upsampling: upsampling)
    #expect(c.metadata == metadata)
    #expect(try write(c, metadata: metadata).configuration == c)
    if upsampling == .bilinear {
      #expect(try write(c, metadata: ["skips": "features"]).configuration == c)
    }
  }

  @Test func aFileThatSaysNothingIsTheReferences() throws {
    for metadata in [["skips": "none", "upsampling": "transposed"], ["format": "pt"], [:]] {
      let c = configuration(skips: .features, upsampling: .smoothed)
      #expect(try write(c, metadata: metadata).configuration == configuration())
    }
    #expect(
      try write(uNet, metadata: ["skips": "none", "upsampling": "transposed"]).configuration == uNet
    )
  }

  @Test func metadataThatDoesNotFitIsRefused() throws {
    let onlyAResNet = "which only a ResNet has, but its tensors are those of a U-Net"
    for (c, key, word, reason) in [
      (configuration(), "skips", "pictures", "which this program does not know"),
      (configuration(), "upsampling", "sharp", "which this program does not know"),
      (uNet, "skips", "features", onlyAResNet), (uNet, "upsampling", "smoothed", onlyAResNet),
    ] {
      let error = #expect(throws: FileError.self) { try write(c, metadata: [key: word]) }
      #expect(error?.reason == "its metadata says \(key) '\(word)', \(reason)")
    }
    for (shapes, word) in [
      (GeneratorConfiguration.Upsampling.bilinear, "smoothed"), (.transposed, "bilinear"),
    ] {
      let error = #expect(throws: FileError.self) {
        try write(configuration(upsampling: shapes), metadata: ["upsampling": word])
      }
      #expect(
        error?.reason
          == "its metadata says upsampling '\(word)', but its tensors are those of '\(shapes)'")
    }
  }

  @Test(arguments: [
    (["upsampling": "smoothed"], "--upsampling smoothed, and this network has transposed"),
    (["skips": "features"], "--skips features, and this network has none"),
  ])
  func weightsOfAnotherNetworkAreRefused(_ metadata: [String: String], words: String) {
    let error = #expect(throws: FileError.self) {
      try configuration().check(metadata, path: "here")
    }
    #expect(error?.reason == "its weights were trained with \(words)")
  }

  @Test func weightsThatSayNothingAreNotOfASmoothedNetwork() throws {
    try configuration(upsampling: .bilinear).check([:], path: "here")
    #expect(throws: FileError.self) {
      try configuration(upsampling: .smoothed).check([:], path: "here")
    }
  }
}
