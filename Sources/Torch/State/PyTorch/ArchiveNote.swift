import Foundation

/// What this program says of a network in an archive of PyTorch's, as a safetensors file says it in its header: an
/// entry that `torch.load` and `torch.jit.load` do not look at.
struct ArchiveNote {
  /// Where it is in the archive's folder: TorchScript keeps there what is not its own.
  static let entry = "extra/" + file
  static let file = "cyclegan.json"
  static let mostBytes = 1 << 16

  let texts: [String: String]

  init(_ texts: [String: String]) { self.texts = texts }

  /// From what somebody may have put there. Nothing is said where it is no dictionary of texts.
  init(json: [UInt8]) {
    texts = (try? JSONDecoder().decode([String: String].self, from: Data(json))) ?? [:]
  }

  var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(texts)).map(Array.init) ?? []
  }
}
