import CTorch

/// Runs `body` without recording operations for backward passes.
///
/// The mode belongs to the thread, so `body` cannot suspend; it is restored on return and on throw.
package func withoutGradients<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
  let previous = ctorch_set_gradients_enabled(false)
  defer { _ = ctorch_set_gradients_enabled(previous) }
  return try body()
}

/// Runs `body` with convolutions in bfloat16 and losses in float32, where `enabled`.
///
/// Leave the scope before the weights change: their casts are kept until then. Backward passes belong
/// outside. Like the gradient mode it is the thread's, so `body` cannot suspend.
package func withBFloat16Autocast<R, E: Error>(
  _ enabled: Bool, on device: Device, _ body: () throws(E) -> R
) throws(E) -> R {
  guard enabled else { return try body() }
  let type = device.shimValue.type
  attemptOrFail("autocast") { ctorch_autocast_begin(type, $0) }
  defer { attemptOrFail("autocast") { ctorch_autocast_end(type, $0) } }
  return try body()
}

extension Tensor {
  /// The same elements, cut off from the operations that made them.
  package func detached() -> Tensor { Self.unary("detach", self, ctorch_detach) }

  package var requiresGradient: Bool { ctorch_requires_gradient(handle.pointer) }

  /// This tensor as a new leaf whose gradient can be asked for.
  package func requiringGradient() -> Tensor {
    let leaf = detached()
    leaf.setRequiresGradient(true)
    return leaf
  }

  func setRequiresGradient(_ required: Bool) {
    attemptOrFail("requires gradient") {
      ctorch_set_requires_gradient(handle.pointer, required, $0)
    }
  }

  /// Adds d(self)/d(leaf) to the gradient of every leaf it was computed from. Traps unless it is one
  /// number that depends on such a leaf.
  package func backward() {
    attemptOrFail("backward") { ctorch_backward(handle.pointer, $0) }
  }

  /// What backward passes have accumulated here; `nil` before the first one.
  package var gradient: Tensor? {
    var result: OpaquePointer?
    attemptOrFail("gradient") { ctorch_gradient(handle.pointer, &result, $0) }
    return result.map { Tensor(handle: TensorHandle(adopting: $0)) }
  }

  func takeGradient(_ gradient: Tensor) {
    attemptOrFail("set gradient") {
      ctorch_set_gradient(handle.pointer, gradient.handle.pointer, $0)
    }
  }

  func dropGradient() {
    attemptOrFail("drop gradient") { ctorch_drop_gradient(handle.pointer, $0) }
  }

  /// d(sum of self)/d(input), not accumulated, and itself differentiable if `createGraph`.
  package func gradient(of input: Tensor, createGraph: Bool) -> Tensor {
    tensorOrFail("gradient(\(shape) by \(input.shape))") {
      ctorch_gradient_of(handle.pointer, input.handle.pointer, createGraph, $0, $1)
    }
  }
}
