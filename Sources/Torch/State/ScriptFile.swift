import CTorch
import Files
import Foundation

/// A module in a file of TorchScript, ready to run: `torch.jit.save` of anybody.
///
/// Its code is run by libtorch's interpreter, which computes with tensors and reaches neither files nor the network,
/// but may take any time and memory.
package final class ScriptFile {
  package let url: URL
  private let module: OpaquePointer

  /// Whether a file is an archive of TorchScript, from what is in it. Nothing of it is run.
  package static func isScript(_ url: URL) -> Bool {
    guard let file = try? RegularFile(url) else { return false }
    return (try? PyTorchArchive(file))?.isScript ?? false
  }

  /// Throws `FileError` with what the file is where it is no TorchScript, and with libtorch's words where libtorch
  /// does not take it.
  package init(_ url: URL, on device: Device) throws(FileError) {
    guard Self.isScript(url) else {
      // What else it is, in the words that every file of weights gets.
      let opened = try OpenedWeights(url)
      let kind =
        switch opened {
        case .safeTensors: "safetensors"
        case .pyTorch: "a file of torch.save"
        }
      throw FileError(path: url.relativePath, reason: "not TorchScript: it is \(kind)")
    }
    var loaded: OpaquePointer?
    do throws(TorchError) {
      try attempt("TorchScript") { ctorch_script_load(url.path, device.shimValue, &loaded, $0) }
    } catch {
      throw FileError(
        path: url.relativePath,
        reason: "libtorch \(Backend.version) cannot load it: \(error.firstLine)")
    }
    guard let loaded else {
      throw FileError(path: url.relativePath, reason: "libtorch returned no module")
    }
    self.url = url
    module = loaded
  }

  deinit { ctorch_module_release(module) }

  /// Whether its `forward` has an argument of this name.
  package func takes(argument name: String) -> Bool { ctorch_module_takes(module, name) }

  /// What `forward` returns for these inputs.
  ///
  /// - Parameter flags: arguments of true or false by their names.
  /// Throws what the code throws, in one line, and where it returns something else than a tensor.
  package func output(for inputs: [Tensor], flags: [(name: String, value: Bool)] = [])
    throws(Failure) -> Tensor
  {
    let names = flags.map { strdup($0.name) }
    defer { for name in names { free(name) } }
    do throws(TorchError) {
      return try attemptTensor("TorchScript") { result, message in
        withPointers(inputs) {
          ctorch_module_run(
            module, $0, Int32(inputs.count), names.map { UnsafePointer($0) }, flags.map(\.value),
            Int32(flags.count), result, message)
        }
      }
    } catch {
      throw Failure(reason: error.firstLine)
    }
  }

  /// Why a module's code did not come to an end.
  package struct Failure: Error, Sendable, CustomStringConvertible {
    package let reason: String

    package init(reason: String) { self.reason = reason }

    package var description: String { reason }
  }
}

extension TorchError {
  /// The interpreter's messages have the code around the failure first and the reason last.
  fileprivate var firstLine: String {
    let lines = message.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let reason = lines.last { $0.hasPrefix("RuntimeError: ") || $0.contains("Error: ") }
    return escaped(String((reason ?? lines.first ?? "no reason").prefix(300)))
  }
}
