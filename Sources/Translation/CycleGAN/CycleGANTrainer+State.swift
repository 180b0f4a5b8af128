import Files
import Torch
import Training

extension CycleGANTrainer {
  /// What the values of images are that a generator takes and makes.
  package func metadata(ofNetwork name: String) -> [String: String] {
    let data = configuration.data
    let a = DomainValues(range: data.rangeA, sampleType: data.samplesA)
    let b = DomainValues(range: data.rangeB, sampleType: data.samplesB)
    var metadata = ["format": "pt"]
    switch name {
    case "G_A": metadata.merge(GeneratorValues(input: a, output: b).metadata) { $1 }
    case "G_B": metadata.merge(GeneratorValues(input: b, output: a).metadata) { $1 }
    default: break
    }
    return metadata
  }

  /// Adam's moments of both optimizers and the images of both pools.
  package var trainingState: [(name: String, tensor: Tensor)] {
    func numbered(_ tensors: [Tensor]) -> [(name: String, tensor: Tensor)] {
      tensors.enumerated().map { (String($0.offset), $0.element) }
    }
    return prefixed("adam.G", generatorOptimizer.state)
      + prefixed("adam.D", discriminatorOptimizer.state)
      + prefixed("pool.A", numbered(poolA.images)) + prefixed("pool.B", numbered(poolB.images))
  }

  /// Throws `StateDictMismatch` where the optimizers' state does not fit, `FileError` where a pool's
  /// images cannot have come from these networks.
  package func restoreTrainingState(_ saved: SafeTensors, from path: String) throws {
    func images(_ prefix: String, channels: Int) throws(FileError) -> [Tensor] {
      let found = saved.part(prefix)
      return try (0..<found.count).map { (index) throws(FileError) in
        let name = "\(prefix).\(index)"
        guard let image = found[String(index)] else {
          throw FileError(path: path, reason: "'\(name)' of \(found.count) images is missing")
        }
        try checkPooled(image.shape, named: name, channels: channels, path)
        return image.converted(to: .float32).moved(to: device)
      }
    }
    try generatorOptimizer.load(saved.part("adam.G"), from: path)
    try discriminatorOptimizer.load(saved.part("adam.D"), from: path)
    let networks = configuration.networks
    poolA.restore(try images("pool.A", channels: networks.channelsA))
    poolB.restore(try images("pool.B", channels: networks.channelsB))
  }

  /// Throws `FileError` for a shape that the discriminators cannot judge.
  private func checkPooled(
    _ shape: [Int], named name: String, channels: Int, _ path: String
  ) throws(FileError) {
    let smallest = configuration.networks.minimumImageSize
    guard shape.count == 4, shape[..<2] == [1, channels], shape[2...].allSatisfy({ $0 >= smallest })
    else {
      throw FileError(
        path: path,
        reason: "'\(name)' of shape \(shape) is no image for these networks, which take "
          + "[1, \(channels), height, width] from \(smallest)x\(smallest) on")
    }
  }
}
