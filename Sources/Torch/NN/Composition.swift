/// A module under a name of its own, which begins its state-dict keys.
package final class Named: Module {
  package let name: String
  package let module: any Module

  package init(_ name: String, _ module: any Module) {
    self.name = name
    self.module = module
  }

  package var children: [(name: String, module: any Module)] { [(name, module)] }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    module(x, mode)
  }
}

/// Layers whose input goes around them and is joined to their output.
///
/// With a name, they are a child of that name. Without one, a `Sequential` that this stands in numbers them
/// with its own layers, so that a connection from one layer to another changes no state-dict key.
package final class Skip: Module {
  package enum Joining: Sendable {
    /// x + F(x)
    case sum
    /// The channels of x, then those of F(x).
    case channels
  }

  package let joining: Joining
  package let layers: Sequential
  package let name: String?

  package init(_ joining: Joining, around layers: [any Module], name: String? = nil) {
    self.joining = joining
    self.layers = Sequential(layers)
    self.name = name
  }

  package var children: [(name: String, module: any Module)] {
    name.map { [($0, layers)] } ?? layers.children
  }

  package func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
    switch joining {
    case .sum: layers(x, mode, adding: x)
    case .channels: .concatenated([x, layers(x, mode)], axis: 1)
    }
  }
}
