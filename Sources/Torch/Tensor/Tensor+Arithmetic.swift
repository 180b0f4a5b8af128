import CTorch

// Element by element, with broadcasting; see libtorch's functions of the same names.
extension Tensor {
  package static func + (a: Tensor, b: Tensor) -> Tensor { binary("add", a, b, ctorch_add) }

  package static func - (a: Tensor, b: Tensor) -> Tensor {
    binary("subtract", a, b, ctorch_subtract)
  }

  package static func * (a: Tensor, b: Tensor) -> Tensor {
    binary("multiply", a, b, ctorch_multiply)
  }

  package static func / (a: Tensor, b: Tensor) -> Tensor { binary("divide", a, b, ctorch_divide) }

  package static func + (a: Tensor, b: Double) -> Tensor {
    unary("add", a) { ctorch_add_scalar($0, b, $1, $2) }
  }

  package static func - (a: Tensor, b: Double) -> Tensor { a + -b }

  package static func * (a: Tensor, b: Double) -> Tensor {
    unary("multiply", a) { ctorch_multiply_scalar($0, b, $1, $2) }
  }

  package static prefix func - (a: Tensor) -> Tensor { a * -1 }

  package func absolute() -> Tensor { Self.unary("abs", self, ctorch_abs) }

  package func squared() -> Tensor { Self.unary("square", self, ctorch_square) }

  package func squareRoot() -> Tensor { Self.unary("sqrt", self, ctorch_sqrt) }

  package func exponential() -> Tensor { Self.unary("exp", self, ctorch_exp) }

  /// To the nearest integer, halves to the even one.
  package func rounded() -> Tensor { Self.unary("round", self, ctorch_round) }

  package func clamped(to range: ClosedRange<Double>) -> Tensor {
    Self.unary("clamp", self) { ctorch_clamp($0, range.lowerBound, range.upperBound, $1, $2) }
  }

  package func tanh() -> Tensor { Self.unary("tanh", self, ctorch_tanh) }

  /// 1 / (1 + exp(-x))
  package func sigmoid() -> Tensor { Self.unary("sigmoid", self, ctorch_sigmoid) }

  /// `x` where it is positive, `slope * x` elsewhere; ReLU for slope 0.
  package func leakyReLU(slope: Double) -> Tensor {
    slope == 0
      ? Self.unary("relu", self, ctorch_relu)
      : Self.unary("leaky relu", self) { ctorch_leaky_relu($0, slope, $1, $2) }
  }

  /// The sum over all elements, or over the axes given, which then keep length 1.
  package func sum(axes: [Int] = []) -> Tensor { reduced("sum", axes, ctorch_sum) }

  /// The mean over all elements, or over the axes given, which then keep length 1.
  package func mean(axes: [Int] = []) -> Tensor { reduced("mean", axes, ctorch_mean) }

  /// The largest element along an axis, which the result does not have.
  package func maximum(axis: Int) -> Tensor {
    Self.unary("maximum", self) { ctorch_maximum($0, Int64(axis), $1, $2) }
  }

  /// log(sum(exp(x))) along an axis, which keeps length 1; without overflow.
  package func logSumExp(axis: Int) -> Tensor {
    Self.unary("log sum exp", self) { ctorch_log_sum_exp($0, Int64(axis), $1, $2) }
  }

  /// The elements in ascending order along an axis.
  package func sorted(axis: Int) -> Tensor {
    Self.unary("sort", self) { ctorch_sort($0, Int64(axis), $1, $2) }
  }

  /// Whether no element of any of the tensors is an infinity or not a number.
  package static func areFinite(_ tensors: [Tensor]) -> Bool {
    var result = false
    withPointers(tensors) { pointers in
      attemptOrFail("check for finite numbers") {
        ctorch_are_finite(pointers, Int32(tensors.count), &result, $0)
      }
    }
    return result
  }

  private func reduced(
    _ name: String, _ axes: [Int],
    _ call: (OpaquePointer, UnsafePointer<Int64>?, Int32, Bool, ShimResult, ShimMessage) ->
      ctorch_status
  ) -> Tensor {
    tensorOrFail("\(name)(\(shape), axes \(axes))") { result, message in
      withSizes(axes) { call(handle.pointer, $0, $1, true, result, message) }
    }
  }

  static func unary(
    _ name: String, _ x: Tensor, _ call: (OpaquePointer, ShimResult, ShimMessage) -> ctorch_status
  ) -> Tensor {
    tensorOrFail("\(name)(\(x.shape))") { call(x.handle.pointer, $0, $1) }
  }

  static func binary(
    _ name: String, _ a: Tensor, _ b: Tensor,
    _ call: (OpaquePointer, OpaquePointer, ShimResult, ShimMessage) -> ctorch_status
  ) -> Tensor {
    tensorOrFail("\(name)(\(a.shape), \(b.shape))") {
      call(a.handle.pointer, b.handle.pointer, $0, $1)
    }
  }
}

// MARK: Losses, each averaged over every element

extension Tensor {
  /// mean(|x - target|)
  package func l1Loss(_ target: Tensor) -> Tensor {
    Self.binary("l1 loss", self, target, ctorch_l1_loss)
  }

  /// mean((x - target)^2)
  package func meanSquaredError(_ target: Tensor) -> Tensor {
    Self.binary("mean squared error", self, target, ctorch_mse_loss)
  }

  /// mean(-target log(s) - (1 - target) log(1 - s)) with s = sigmoid(x), without overflow.
  package func binaryCrossEntropyWithLogits(_ target: Tensor) -> Tensor {
    Self.binary(
      "binary cross entropy", self, target, ctorch_binary_cross_entropy_with_logits)
  }

  /// -target log(s) - (1 - target) log(1 - s) of each element, not averaged.
  package func binaryCrossEntropiesWithLogits(_ target: Tensor) -> Tensor {
    Self.binary(
      "binary cross entropies", self, target, ctorch_binary_cross_entropies_with_logits)
  }

  /// mean(log(sum(exp(x))) - sum(target x)) over the rows: the cross entropy of classes, with their raw numbers.
  ///
  /// - Parameter target: `[batch, classes]`, the probability of each class: zeros and one 1 in a row.
  package func crossEntropyWithLogits(_ target: Tensor) -> Tensor {
    (logSumExp(axis: 1) - (self * target).sum(axes: [1])).mean()
  }
}
