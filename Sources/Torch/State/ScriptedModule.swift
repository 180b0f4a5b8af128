import CTorch
import Files
import Foundation

/// A module of TorchScript, as `torch.jit.load` reads it without any class of ours.
package struct ScriptedModule {
  private let source: String
  private let tensors: [(name: String, tensor: Tensor)]
  private let buffers: Set<String>
  private let note: ArchiveNote

  /// - Parameters:
  ///   - source: the code of its `forward`, which finds the tensors as attributes of `self`.
  ///   - tensors: under their dotted names.
  ///   - buffers: the names of those that are no parameters.
  ///   - metadata: kept beside the code, where `WeightsFile` reads it.
  package init(
    source: String, tensors: [(name: String, tensor: Tensor)], buffers: Set<String>,
    metadata: [String: String]
  ) {
    self.source = source
    self.tensors = tensors
    self.buffers = buffers
    note = ArchiveNote(metadata)
  }

  /// Writes one tensor after the other. Throws `FileError`, and `TorchError` where libtorch does not understand
  /// the source.
  package func write(to file: ReplacementFile) throws {
    let names = tensors.map { strdup($0.name) }
    defer { for name in names { free(name) } }
    let sink = Sink(file)
    try attempt("TorchScript") { message in
      ctorch_script_save(
        source, names.map { UnsafePointer($0) }, tensors.map { $0.tensor.handle.pointer },
        tensors.map { !buffers.contains($0.name) }, Int32(tensors.count), ArchiveNote.file,
        String(decoding: note.json, as: UTF8.self),
        { Unmanaged<Sink>.fromOpaque($0!).takeUnretainedValue().take($1, count: $2) },
        Unmanaged.passUnretained(sink).toOpaque(), message)
    }
    if let failure = sink.failure { throw failure }
  }

  /// Where libtorch's bytes go. It cannot be stopped: after a failure the rest is let go.
  private final class Sink {
    private let file: ReplacementFile
    private(set) var failure: FileError?

    init(_ file: ReplacementFile) { self.file = file }

    func take(_ bytes: UnsafeRawPointer?, count: Int) {
      guard failure == nil else { return }
      do throws(FileError) {
        try file.write(UnsafeRawBufferPointer(start: bytes, count: count))
      } catch {
        failure = error
      }
    }
  }
}
