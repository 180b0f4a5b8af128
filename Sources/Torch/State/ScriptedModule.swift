import CTorch
import Files
import Foundation

/// A module of TorchScript, as `torch.jit.load` reads it without any class of ours.
package struct ScriptedModule {
  private let file: Data

  /// - Parameters:
  ///   - source: the code of its `forward`, which finds the tensors as attributes of `self`.
  ///   - tensors: under their dotted names.
  ///   - buffers: the names of those that are no parameters.
  ///   - note: kept beside the code, for whoever wants to know what the file is.
  /// Throws where libtorch does not understand the source.
  package init(
    source: String, tensors: [(name: String, tensor: Tensor)], buffers: Set<String>, note: String
  ) throws(TorchError) {
    let names = tensors.map { strdup($0.name) }
    defer { for name in names { free(name) } }
    var bytes: UnsafeMutablePointer<UInt8>?
    var length = 0
    try attempt("TorchScript") { message in
      ctorch_script_save(
        source, names.map { UnsafePointer($0) }, tensors.map { $0.tensor.handle.pointer },
        tensors.map { !buffers.contains($0.name) }, Int32(tensors.count), note, &bytes, &length,
        message)
    }
    defer { ctorch_free(bytes) }
    file = bytes.map { Data(bytes: $0, count: length) } ?? Data()
  }

  /// Writes the file under a temporary name and renames it. Throws `FileError`.
  package func write(to url: URL) throws(FileError) { try replaceFile(at: url, with: file) }

  /// What the module in a file returns. Only for files that this program wrote: TorchScript is code.
  package static func output(
    ofOwnFile url: URL, for input: Tensor
  ) throws -> Tensor {
    let bytes = [UInt8](try Data(contentsOf: url))
    return try attemptTensor("TorchScript") {
      ctorch_script_run(bytes, bytes.count, input.handle.pointer, $0, $1)
    }
  }
}
