import Files
import Foundation

/// A file of weights of any kind, recognized by its content and opened; which tensors are wanted of it is not yet
/// said.
enum OpenedWeights {
  case safeTensors(SafeTensorsFile)
  case pyTorch(PyTorchObject)

  /// Throws `FileError` with what the file is, if it is none of weights.
  init(_ url: URL) throws(FileError) {
    let file: RegularFile
    let start: [UInt8]
    do throws(RegularFile.Failure) {
      file = try RegularFile(url)
      start = try file.read(at: 0, count: FileContent.neededBytes)
    } catch {
      throw FileError(path: url.relativePath, reason: error.words)
    }
    let content = FileContent(start)
    if case .safeTensors = content {
      self = .safeTensors(try SafeTensorsFile(url))
      return
    }
    do throws(UnusableWeights) {
      switch content {
      case .zip: self = .pyTorch(try PyTorchObject(zip: file))
      case .pickle: self = .pyTorch(try PyTorchObject(legacy: file))
      case .foreign(let words): throw UnusableWeights("not a weights file: it is \(words)")
      case .safeTensors, .unknown:
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
