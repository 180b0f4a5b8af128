import Files
import Foundation
import Machine
import Wording

/// The weights of one network in a file of any kind that is read: safetensors, or what PyTorch writes by
/// `torch.save` and `torch.jit.save`. The one way to read weights that somebody else may have made.
///
/// What the file is follows from its content, never from its name; nothing in it is executed. Opening it reads what
/// describes the tensors; they are read one after the other when they are asked for, so that they are not in memory
/// twice while a network takes them over.
package struct WeightsFile {
  private enum Content {
    case safeTensors(SafeTensorsFile)
    case pyTorch(PyTorchFile)
  }

  package let url: URL
  /// In the file's order, under their names in the network.
  package let tensors: [(name: String, dtype: DType, shape: [Int])]
  /// What a file of this program's says of itself; empty for others.
  package let metadata: [String: String]
  /// What was chosen or left out, one line each.
  package let notices: [String]
  private let content: Content
  /// What each tensor of the content is called in `tensors`; nil for one that is left out.
  private let names: [String?]

  package var shapes: [String: [Int]] {
    Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.shape) })
  }

  /// Reads what describes the tensors.
  ///
  /// - Parameter networks: whose weights are wanted of a file with several, such as "G_A", the first that is
  ///   there; empty for any.
  /// Throws `FileError` with what the file is, if it holds no weights, and with what it wanted to run.
  package init(_ url: URL, networks: [String] = []) throws(FileError) {
    self.url = url
    let opened = try OpenedWeights(url)
    do throws(UnusableWeights) {
      let all: [(name: String, dtype: DType, shape: [Int])]
      var notices: [String] = []
      switch opened {
      case .safeTensors(let file):
        content = .safeTensors(file)
        metadata = file.metadata
        all = file.entries.map { ($0.name, $0.dtype, $0.shape) }
      case .pyTorch(let object):
        let file = try PyTorchFile(object, networks: networks)
        content = .pyTorch(file)
        metadata = object.note
        notices = file.notices
        all = file.tensors.map { ($0.name, $0.dtype, $0.shape) }
      }
      let part = try StateDictNames.part(
        of: all.indices.map { (all[$0].name, $0) }, networks: networks)
      let (understood, changes) = StateDictNames.understood(part.tensors)
      self.notices = notices + part.notices + changes
      tensors = understood.map { ($0.name, all[$0.value].dtype, all[$0.value].shape) }
      names = try Self.places(understood, count: all.count)
    } catch {
      throw FileError(path: url.relativePath, reason: error.reason)
    }
  }

  /// What the networks in a file are called, in the file's order; empty where it holds one, or nothing that is known.
  ///
  /// Throws `FileError` for a file that is none of weights.
  package static func networks(in url: URL) throws(FileError) -> [String] {
    switch try OpenedWeights(url) {
    case .safeTensors(let file): StateDictNames.networks(among: file.entries.map(\.name))
    case .pyTorch(let object): object.networks
    }
  }

  private static func places(
    _ understood: [(name: String, value: Int)], count: Int
  ) throws(UnusableWeights) -> [String?] {
    var names = [String?](repeating: nil, count: count)
    var seen: Set<String> = []
    for (name, index) in understood {
      guard seen.insert(name).inserted else {
        throw UnusableWeights("it has two tensors '\(name)'")
      }
      names[index] = name
    }
    return names
  }

  /// Reads the tensors one after the other, in any order.
  ///
  /// Throws `FileError` where bytes are missing or damaged, after some tensors perhaps.
  package func readEach(_ body: (_ name: String, _ tensor: Tensor) -> Void) throws(FileError) {
    switch content {
    case .safeTensors(let file):
      for (entry, name) in zip(file.entries, names) {
        guard let name else { continue }
        body(name, try file.tensor(entry))
      }
    case .pyTorch(let file):
      do throws(UnusableWeights) {
        try file.readEach { index, tensor in
          if let name = names[index] { body(name, tensor) }
        }
      } catch {
        throw FileError(path: url.relativePath, reason: error.reason)
      }
    }
  }

  /// Throws `FileError` where a network of the tensors, in float32, would not find room: a file can be much larger than
  /// what it takes of a disk.
  ///
  /// - Parameter available: in bytes, as `availableMemory` tells.
  package func checkMemory(available: Int? = availableMemory()) throws(FileError) {
    let values = tensors.reduce(0.0) { $0 + Double($1.shape.reduce(1, *)) }
    let bytes = Int(min(values * Double(DType.float32.byteCount), 0x1p62))
    guard memorySuffices(forBytes: bytes, available: available) else {
      throw FileError(
        path: url.relativePath,
        reason: "its network needs \(memorySize(bytes)) of memory, which is more than there is")
    }
  }

  /// All tensors by name.
  package func read() throws(FileError) -> [String: Tensor] {
    var found: [String: Tensor] = [:]
    try readEach { found[$0] = $1 }
    return found
  }
}

extension Module {
  /// Copies a file's tensors into the module, converting types to the module's.
  ///
  /// Throws `StateDictMismatch`, and changes nothing, unless every name and shape fits; `FileError` for damage
  /// within the tensors and for infinities and what is not a number, after some have been changed perhaps.
  package func load(_ file: WeightsFile) throws {
    let own = namedParameters()
    try StateDictMismatch.check(
      found: file.shapes, expected: own.map { ($0.name, $0.value.tensor.shape) },
      path: file.url.relativePath)
    let parameters = Dictionary(uniqueKeysWithValues: own.map { ($0.name, $0.value) })
    try file.readEach { parameters[$0]?.tensor.copyInPlace(from: $1) }
    if Tensor.areFinite(own.map { $0.value.tensor }) { return }
    let broken = own.first { !Tensor.areFinite([$0.value.tensor]) }
    throw FileError(
      path: file.url.relativePath,
      reason: "its tensor '\(broken?.name ?? "")' holds numbers that are not finite")
  }
}
