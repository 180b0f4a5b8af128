import Files
import Foundation
import Torch

extension FileError {
  /// Finite weights of a size that training does not lead to make numbers that are infinite or none.
  static func makesNotFinite(_ file: URL) -> FileError {
    FileError(path: file.relativePath, reason: "its weights lead to numbers that are not finite")
  }
}

extension Tensor {
  /// Itself, made by the weights of a file. Throws `FileError` where an element is not finite.
  func finite(madeBy file: URL) throws(FileError) -> Tensor {
    guard Tensor.areFinite([self]) else { throw .makesNotFinite(file) }
    return self
  }
}
