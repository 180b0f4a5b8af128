import Files
import Foundation
import TestSupport
import Testing
import Torch

/// What PyTorch saves, against what its own `torch.load` finds there; see write_checkpoints.py.
struct PyTorchFileTests {
  private static let expected = Result {
    try SafeTensors.read(from: fixture("PyTorch/expected.safetensors")).tensors.reduce(
      into: [:] as [String: [String: (dtype: DType?, shape: [Int], bytes: [UInt8])]]
    ) { files, entry in
      let file = entry.name.prefix { $0 != "/" }
      let name = entry.name.dropFirst(file.count + 1)
      files[String(file), default: [:]][String(name)] = (
        entry.tensor.dtype, entry.tensor.shape, entry.tensor.bytes
      )
    }
  }

  private static let files = [
    "zip.pth", "legacy.pth", "protocol4.pth", "plain.pth", "parameters.pth", "attributes.pth",
    "nested.pth",
    "deflated.pth", "zip64.pth", "unchecked.pth", "script.pt", "leftovers.pth",
  ]

  @Test(arguments: files) func everyTensorIsTheSame(_ file: String) throws {
    let expected = try #require(try Self.expected.get()[file])
    let url = fixture("PyTorch/\(file)")
    let file = try WeightsFile(url)
    let found = try file.read()
    #expect(file.tensors.map(\.name).sorted() == expected.keys.sorted())
    #expect(found.keys.sorted() == expected.keys.sorted())
    for (name, tensor) in found {
      let wanted = try #require(expected[name])
      #expect(tensor.shape == wanted.shape && tensor.dtype == wanted.dtype, "\(name)")
      #expect(tensor.bytes == wanted.bytes, "\(name)")
    }
    for (name, dtype, shape) in file.tensors {
      #expect(found[name]?.shape == shape && found[name]?.dtype == dtype, "\(name)")
    }
  }

  @Test(arguments: ["G_A", "G_B", "D_A"]) func oneOfSeveralNetworks(_ network: String) throws {
    let expected = try #require(try Self.expected.get()["several.pth"])
    let file = try WeightsFile(fixture("PyTorch/several.pth"), networks: [network])
    let weight = try #require(try file.read()["model.1.weight"])
    #expect(weight.bytes == expected["\(network)/model.1.weight"]?.bytes)
    let key = network == "G_B" ? "netG_B" : network
    #expect(file.notices == ["took the tensors under '\(key)'"])
  }

  /// Their own words, in order; a checkpoint of one network has none.
  @Test func theNetworksOfAFileAreListed() throws {
    #expect(
      try WeightsFile.networks(in: fixture("PyTorch/several.pth")) == ["G_A", "netG_B", "D_A"])
    for file in ["zip.pth", "nested.pth", "optimizer.pth", "script.pt"] {
      #expect(try WeightsFile.networks(in: fixture("PyTorch/\(file)")) == [], "\(file)")
    }
  }

  @Test func aNetworkThatIsNotThereIsNamed() {
    let error = #expect(throws: FileError.self) {
      try WeightsFile(fixture("PyTorch/several.pth"), networks: ["D_B", "D"])
    }
    #expect(
      error?.reason
        == "it holds 'G_A', 'netG_B', 'D_A', and nothing called D_B or D; save the one that is meant by "
        + "itself")
  }

  /// The state dict of one module that has the networks as its attributes.
  @Test func networksInFrontOfTheNames() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("all.safetensors")
      func one(_ value: Double) -> Tensor { .full(value, shape: [1]) }
      try SafeTensors([
        ("netG_A.model.1.weight", one(1)), ("netG_A.model.1.bias", one(2)),
        ("netD_A.model.0.weight", one(3)),
      ]).write(to: file)
      #expect(try WeightsFile.networks(in: file) == ["netG_A", "netD_A"])
      let generator = try WeightsFile(file)
      #expect(generator.tensors.map(\.name).sorted() == ["model.1.bias", "model.1.weight"])
      #expect(generator.notices == ["took the tensors under 'netG_A'"])
      let judge = try WeightsFile(file, networks: ["D_A"]).read()
      #expect(judge.mapValues(\.item) == ["model.0.weight": 3])
      // Two layers of one module are no networks.
      try SafeTensors([("encoder.0.weight", one(1)), ("decoder.0.weight", one(2))]).write(to: file)
      #expect(try WeightsFile.networks(in: file) == [])
      #expect(try WeightsFile(file).tensors.count == 2)
    }
  }

  /// What is said of a network goes with a .pth file as with others, and PyTorch does not mind (see
  /// Tests/Interchange).
  @Test func whatIsSaidOfANetworkIsKept() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("net_G.pth")
      let file = try ReplacementFile(at: url)
      let weights = Tensor([1, 2, 3], shape: [3])
      try PyTorchCheckpoint([("a.b", weights)], metadata: ["latent_distribution": "uniform"])
        .write(to: file)
      try file.commit()
      let read = try WeightsFile(url)
      #expect(read.metadata == ["latent_distribution": "uniform"])
      #expect(try read.read()["a.b"]?.elements == [1, 2, 3])
    }
  }

  @Test func whatWasChangedIsSaid() throws {
    #expect(
      try WeightsFile(fixture("PyTorch/nested.pth")).notices == [
        "took the tensors under 'state_dict'", "took 'module.' off the names of the tensors",
        "took '_orig_mod.' off the names of the tensors",
      ])
    #expect(
      try WeightsFile(fixture("PyTorch/leftovers.pth")).notices
        == ["ignored the running statistics of instance norm, which never uses them"])
  }

  @Test func aCheckpointWithoutANetworkIsDescribed() {
    let error = #expect(throws: FileError.self) {
      try WeightsFile(fixture("PyTorch/optimizer.pth"))
    }
    #expect(
      error?.reason
        == "a PyTorch training checkpoint without a network; it holds optimizer states "
        + "('optimizer_G', 'optimizer_D') and 'epoch'")
  }

  /// A name that says otherwise changes nothing.
  @Test func theContentDecides() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("net_G_A.safetensors")
      try FileManager.default.copyItem(at: fixture("PyTorch/legacy.pth"), to: file)
      #expect(try WeightsFile(file).tensors.count == 17)
      let other = folder.appendingPathComponent("net_G_A.pth")
      try SafeTensors([("a", .zeros(shape: [2]))], metadata: ["k": "v"]).write(to: other)
      let read = try WeightsFile(other)
      #expect(read.tensors.map(\.name) == ["a"] && read.metadata == ["k": "v"])
    }
  }

  @Test func aMissingFileAndAFolderAreNamed() throws {
    try withTemporaryFolder { folder in
      let missing = folder.appendingPathComponent("x.pth")
      let error = #expect(throws: FileError.self) { try WeightsFile(missing) }
      #expect(error?.description == "\(missing.path): No such file or directory")
      let other = #expect(throws: FileError.self) { try WeightsFile(folder) }
      #expect(other?.reason == "is a folder, not a file")
    }
  }
}
