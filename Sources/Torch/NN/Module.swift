/// Whether a network is being trained or used: batch norm and dropout differ.
package enum Mode: Sendable {
  case training, inference
}

/// A tensor that belongs to a layer and to its state dict. A class, because optimizers and checkpoints
/// need "the same one".
package final class Parameter {
  package private(set) var tensor: Tensor
  /// False for buffers such as running statistics, which are saved but not learned.
  package let isTrainable: Bool

  package init(_ tensor: Tensor, isTrainable: Bool = true) {
    self.tensor = tensor.detached()
    self.isTrainable = isTrainable
    self.tensor.setRequiresGradient(isTrainable)
  }

  /// Whether backward passes reach this parameter; switched off for networks that only judge.
  func setRequiresGradient(_ required: Bool) {
    if isTrainable { tensor.setRequiresGradient(required) }
  }

  func move(to device: Device, _ layout: MapLayout) {
    let moved = tensor.detached().moved(to: device)
    tensor = (layout == .pixels ? moved.laid(out: layout) : moved).detached()
    tensor.setRequiresGradient(isTrainable)
  }

  package var gradient: Tensor? { tensor.gradient }

  func dropGradient() { tensor.dropGradient() }

  /// Has this tensor for the gradient, and not a copy.
  func take(gradient: Tensor) { tensor.takeGradient(gradient) }
}

extension [Parameter] {
  /// Stops or resumes recording gradients for them.
  package func setRequiresGradient(_ required: Bool) {
    for parameter in self { parameter.setRequiresGradient(required) }
  }
}

/// A layer or a network of layers. Parameters and children are listed by their names in state dicts,
/// written down where the layer is built.
package protocol Module: AnyObject {
  /// The module's own tensors, trainable ones and buffers, without those of its children.
  var parameters: [(name: String, value: Parameter)] { get }
  var children: [(name: String, module: any Module)] { get }

  /// Draws the module's own parameters anew, without its children's; see `initialize`. What has parameters
  /// has to say how they begin: the default is for modules that have none, and traps for others.
  func initializeOwnParameters(_ initialization: Initialization, seed: UInt64)

  /// - Parameter x: `[batch, channel, height, width]`.
  func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor
}

extension Module {
  package var parameters: [(name: String, value: Parameter)] { [] }
  package var children: [(name: String, module: any Module)] { [] }

  package func initializeOwnParameters(_ initialization: Initialization, seed: UInt64) {
    precondition(parameters.isEmpty, "\(Self.self) does not say how its parameters begin")
  }

  /// Every tensor of the module and its children under its state-dict name, such as
  /// `model.10.conv_block.1.weight`. Traps on a name with a dot, an empty one or one used twice.
  package func namedParameters() -> [(name: String, value: Parameter)] {
    var seen: Set<String> = []
    var result: [(name: String, value: Parameter)] = []
    for (name, value) in parameters {
      precondition(!name.isEmpty && !name.contains("."), "parameter name '\(name)'")
      precondition(seen.insert(name).inserted, "two parameters named \(name)")
      result.append((name, value))
    }
    for (name, child) in children {
      precondition(!name.isEmpty && !name.contains("."), "child name '\(name)'")
      precondition(seen.insert(name).inserted, "two children named \(name)")
      result += child.namedParameters().map { ("\(name).\($0.name)", $0.value) }
    }
    return result
  }

  /// The parameters that an optimizer changes, in state-dict order.
  package var trainableParameters: [Parameter] {
    namedParameters().map(\.value).filter(\.isTrainable)
  }

  /// The number of learned values.
  package var parameterCount: Int { trainableParameters.map(\.tensor.elementCount).reduce(0, +) }

  /// Stops or resumes recording gradients for the module's parameters.
  package func setRequiresGradient(_ required: Bool) {
    namedParameters().map(\.value).setRequiresGradient(required)
  }

  /// Moves every tensor of the module. Optimizers have to be made after this.
  ///
  /// - Parameter layout: of the weights of convolutions, which on GPUs the feature maps follow.
  package func move(to device: Device, _ layout: MapLayout = .planes) {
    for (_, parameter) in namedParameters() { parameter.move(to: device, layout) }
  }
}
