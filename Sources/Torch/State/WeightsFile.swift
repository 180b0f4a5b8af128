import Files
import Foundation

/// The weights of one network in a file of any kind that is read: safetensors, or what PyTorch writes by
/// `torch.save` and `torch.jit.save`. The one way to read weights that somebody else may have made.
///
/// What the file is follows from its content, never from its name; nothing in it is executed.
package struct WeightsFile {
  package typealias Listing = SafeTensors.Listing

  package let tensors: [(name: String, tensor: Tensor)]
  /// What a safetensors file says of itself; empty for others.
  package let metadata: [String: String]
  /// What was chosen or left out, one line each.
  package let notices: [String]

  package var byName: [String: Tensor] {
    Dictionary(tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
  }

  /// Reads the weights.
  ///
  /// - Parameter networks: whose weights are wanted of a file with several, such as "G_A", the first that is
  ///   there; empty for any.
  /// Throws `FileError` with what the file is, if it holds no weights, and with what it wanted to run.
  package static func read(
    from url: URL, networks: [String] = []
  ) throws(FileError) -> WeightsFile {
    switch try open(url, networks) {
    case .safeTensors:
      let file = try SafeTensors.read(from: url)
      return WeightsFile(file.tensors, metadata: file.metadata, notices: [])
    case .pyTorch(let file):
      do throws(UnusableWeights) {
        return WeightsFile(try file.read(), metadata: [:], notices: file.notices)
      } catch {
        throw FileError(path: url.relativePath, reason: error.reason)
      }
    }
  }

  /// Reads what describes the tensors, and not the tensors: names, types and shapes, as `read` has them.
  ///
  /// Throws `FileError` for every file that `read` refuses, but for damage within the tensors' bytes.
  package static func list(
    _ url: URL, networks: [String] = []
  ) throws(FileError) -> Listing {
    switch try open(url, networks) {
    case .safeTensors:
      let listing = try SafeTensors.list(url)
      let (tensors, _) = StateDictNames.understood(listing.tensors.map { ($0.name, $0) })
      return Listing(
        tensors: tensors.map { ($0.name, $0.value.dtype, $0.value.shape) },
        metadata: listing.metadata)
    case .pyTorch(let file):
      let (tensors, _) = StateDictNames.understood(file.tensors.map { ($0.name, $0) })
      return Listing(
        tensors: tensors.map { ($0.name, $0.value.dtype, $0.value.shape) }, metadata: [:])
    }
  }

  private init(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String], notices: [String]
  ) {
    let (understood, changes) = StateDictNames.understood(tensors.map { ($0.name, $0.tensor) })
    self.tensors = understood.map { ($0.name, $0.value) }
    self.metadata = metadata
    self.notices = notices + changes
  }

  private enum Opened {
    case safeTensors
    case pyTorch(PyTorchFile)
  }

  private static func open(_ url: URL, _ networks: [String]) throws(FileError) -> Opened {
    let file: RegularFile
    let start: [UInt8]
    do throws(RegularFile.Failure) {
      file = try RegularFile(url)
      start = try file.read(at: 0, count: FileContent.neededBytes)
    } catch {
      throw FileError(path: url.relativePath, reason: error.words)
    }
    do throws(UnusableWeights) {
      switch FileContent(start) {
      case .safeTensors: return .safeTensors
      case .zip: return .pyTorch(try PyTorchFile(zip: file, networks: networks))
      case .pickle: return .pyTorch(try PyTorchFile(legacy: file, networks: networks))
      case .foreign(let words): throw UnusableWeights("not a weights file: it is \(words)")
      case .unknown:
        throw UnusableWeights(
          "not a weights file: neither safetensors nor what PyTorch saves (.pth, TorchScript)")
      }
    } catch {
      throw FileError(path: url.relativePath, reason: error.reason)
    }
  }
}

/// What a file is by its first bytes.
private enum FileContent {
  case safeTensors
  case zip
  case pickle
  /// In words.
  case foreign(String)
  case unknown

  static let neededBytes = 512

  init(_ start: [UInt8]) {
    let isHeader = start.dropFirst(8).first == UInt8(ascii: "{")
    func begins(_ text: String) -> Bool { start.starts(with: text.utf8) }
    if begins("PK\u{3}\u{4}") || begins("PK\u{5}\u{6}") {
      self = .zip
    } else if start.count > 2, start[0] == 0x80, (2...5).contains(start[1]), !isHeader {
      self = .pickle
    } else if let (_, words) = Self.foreign.first(where: { start.starts(with: $0.signature) }) {
      self = .foreign(words)
    } else if start.starts(with: [UInt8(ascii: "<")])
      || String(decoding: start, as: UTF8.self).lowercased().contains("<html")
    {
      self = .foreign("a web page, as a download that failed leaves")
    } else if start.count > 262, start[257..<262].elementsEqual("ustar".utf8) {
      self = .foreign("a tar archive, as PyTorch 0.1 and Caffe wrote; save it anew")
    } else if start.count <= 8 || isHeader {
      // Or what is left of one.
      self = .safeTensors
    } else {
      self = .unknown
    }
  }

  private static let foreign: [(signature: [UInt8], words: String)] = [
    (Array("version https://git-lfs".utf8), "a pointer of Git LFS; fetch the file itself"),
    ([0x89] + Array("HDF".utf8), "an HDF5 file, as Keras writes"),
    ([0x89] + Array("PNG".utf8), "a PNG image"),
    ([0xFF, 0xD8, 0xFF], "a JPEG image"),
    ([0x1F, 0x8B], "a gzip archive; unpack it first"),
    (Array("GGUF".utf8), "a language model in the GGUF format"),
    (Array("Rar!".utf8), "a RAR archive; unpack it first"),
    (Array("7z".utf8) + [0xBC, 0xAF], "a 7z archive; unpack it first"),
    ([0x93] + Array("NUMPY".utf8), "an array of NumPy"),
  ]
}
