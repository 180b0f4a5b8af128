import Torch

/// The tensors with a prefix and a dot in front of their names.
package func prefixed(
  _ prefix: String, _ tensors: [(name: String, tensor: Tensor)]
) -> [(name: String, tensor: Tensor)] {
  tensors.map { ("\(prefix).\($0.name)", $0.tensor) }
}

extension SafeTensors {
  /// The tensors that `prefixed` named, under their own names.
  package func part(_ prefix: String) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: byName.filter { $0.key.hasPrefix(prefix + ".") }
        .map { (String($0.key.dropFirst(prefix.count + 1)), $0.value) })
  }
}
