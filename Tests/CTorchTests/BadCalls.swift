import CTorch
import Foundation
import Testing

typealias ResultPointer = UnsafeMutablePointer<OpaquePointer?>
typealias MessagePointer = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// One function of the shim called with one argument that cannot be right.
struct BadCall: Sendable, CustomTestStringConvertible {
  let function: String
  /// Functions without a tensor to hand out leave the first argument alone.
  let call: @Sendable (ResultPointer, MessagePointer) -> ctorch_status

  init(
    _ function: String, _ call: @escaping @Sendable (ResultPointer, MessagePointer) -> ctorch_status
  ) {
    self.function = function
    self.call = call
  }

  var testDescription: String { function }
}

/// No machine has as many.
private let absentDevice = ctorch_device(type: CTORCH_CUDA, index: 99)
private let cpu = ctorch_device(type: CTORCH_CPU, index: 0)

extension BadCall {
  static let all =
    making + reshaping + arithmetic + elementwise + reducing + layers + matrices + training + script
    + processes

  private static let making: [BadCall] = [
    BadCall("ctorch_synchronize") { ctorch_synchronize(absentDevice, $1) },
    BadCall("ctorch_from_bytes") {
      ctorch_from_bytes([0] as [Float], CTORCH_OTHER_DTYPE, [1], 1, $0, $1)
    },
    BadCall("ctorch_from_bytes_on") {
      ctorch_from_bytes_on(cpu, [0] as [Float], CTORCH_OTHER_DTYPE, [1], 1, $0, $1)
    },
    BadCall("ctorch_full_like") { ctorch_full_like(nil, 1, $0, $1) },
    BadCall("ctorch_channels_last") { result, message in
      withTensor([2]) { ctorch_channels_last($0, result, message) }
    },
    BadCall("ctorch_graph_begin") { ctorch_graph_begin(cpu, $0, $1) },
    BadCall("ctorch_graph_end") { ctorch_graph_end(nil, $1) },
    BadCall("ctorch_graph_replay") { ctorch_graph_replay(nil, $1) },
    BadCall("ctorch_copy_bytes") { _, message in
      var bytes = [UInt8](repeating: 0, count: 9)
      return withTensor([2]) { ctorch_copy_bytes($0, &bytes, bytes.count, message) }
    },
    BadCall("ctorch_full") { ctorch_full(0, CTORCH_FLOAT32, [-1], 1, cpu, $0, $1) },
    BadCall("ctorch_item") { _, message in
      var value = 0.0
      return withTensor([2]) { ctorch_item($0, &value, message) }
    },
    BadCall("ctorch_normal") { ctorch_normal(0, [-1], 1, $0, $1) },
    BadCall("ctorch_uniform") { ctorch_uniform(0, [-1], 1, $0, $1) },
    BadCall("ctorch_orthogonal") { ctorch_orthogonal(0, 2, 3, $0, $1) },
  ]

  private static let reshaping: [BadCall] = [
    onTensor("ctorch_to_dtype", [2]) { ctorch_to_dtype($0, CTORCH_OTHER_DTYPE, $1, $2) },
    onTensor("ctorch_to_device", [2]) { ctorch_to_device($0, absentDevice, $1, $2) },
    onTensor("ctorch_reshape", [2]) { ctorch_reshape($0, [3], 1, $1, $2) },
    onTensor("ctorch_permute", [2, 3]) { ctorch_permute($0, [0, 0], 2, $1, $2) },
    onTensor("ctorch_narrow", [2]) { ctorch_narrow($0, 0, 1, 2, $1, $2) },
    onTensor("ctorch_concatenate", [2]) { first, result, message in
      withTensor([2, 2]) { ctorch_concatenate([first, $0], 2, 0, result, message) }
    },
    BadCall("ctorch_contiguous") { ctorch_contiguous(nil, $0, $1) },
    BadCall("ctorch_clone") { ctorch_clone(nil, $0, $1) },
    BadCall("ctorch_detach") { ctorch_detach(nil, $0, $1) },
    onTensor("ctorch_copy_in_place", [2]) { target, _, message in
      withTensor([3]) { ctorch_copy_in_place(target, $0, message) }
    },
  ]

  private static let arithmetic: [BadCall] = [
    onMismatch("ctorch_add", ctorch_add),
    onMismatch("ctorch_subtract", ctorch_subtract),
    onMismatch("ctorch_multiply", ctorch_multiply),
    onMismatch("ctorch_divide", ctorch_divide),
    onMismatch("ctorch_l1_loss", ctorch_l1_loss),
    onMismatch("ctorch_mse_loss", ctorch_mse_loss),
    onMismatch(
      "ctorch_binary_cross_entropy_with_logits", ctorch_binary_cross_entropy_with_logits),
    onMismatch(
      "ctorch_binary_cross_entropies_with_logits", ctorch_binary_cross_entropies_with_logits),
  ]

  /// Every tensor has an absolute value; what these have no answer to is no tensor.
  private static let elementwise: [BadCall] = [
    BadCall("ctorch_add_scalar") { ctorch_add_scalar(nil, 1, $0, $1) },
    BadCall("ctorch_multiply_scalar") { ctorch_multiply_scalar(nil, 2, $0, $1) },
    BadCall("ctorch_abs") { ctorch_abs(nil, $0, $1) },
    BadCall("ctorch_sort") { ctorch_sort(nil, 0, $0, $1) },
    onTensor("ctorch_maximum", [2]) { ctorch_maximum($0, 1, $1, $2) },
    onTensor("ctorch_log_sum_exp", [2]) { ctorch_log_sum_exp($0, 1, $1, $2) },
    BadCall("ctorch_double_bilinear") { ctorch_double_bilinear(nil, $0, $1) },
    BadCall("ctorch_square") { ctorch_square(nil, $0, $1) },
    BadCall("ctorch_sqrt") { ctorch_sqrt(nil, $0, $1) },
    BadCall("ctorch_exp") { ctorch_exp(nil, $0, $1) },
    BadCall("ctorch_round") { ctorch_round(nil, $0, $1) },
    BadCall("ctorch_clamp") { ctorch_clamp(nil, 0, 1, $0, $1) },
    BadCall("ctorch_tanh") { ctorch_tanh(nil, $0, $1) },
    BadCall("ctorch_relu") { ctorch_relu(nil, $0, $1) },
    BadCall("ctorch_sigmoid") { ctorch_sigmoid(nil, $0, $1) },
    BadCall("ctorch_leaky_relu") { ctorch_leaky_relu(nil, 0.2, $0, $1) },
  ]

  private static let reducing: [BadCall] = [
    onTensor("ctorch_sum", [2, 3]) { ctorch_sum($0, [2], 1, true, $1, $2) },
    onTensor("ctorch_mean", [2, 3]) { ctorch_mean($0, [2], 1, true, $1, $2) },
  ]

  private static let layers: [BadCall] = [
    onTensor("ctorch_conv2d", [1, 2, 5, 5]) { x, result, message in
      withTensor([1, 3, 3, 3]) { ctorch_conv2d(x, $0, nil, 1, 0, result, message) }
    },
    onTensor("ctorch_conv_transpose2d", [1, 2, 5, 5]) { x, result, message in
      withTensor([3, 1, 3, 3]) { ctorch_conv_transpose2d(x, $0, nil, 1, 0, 0, result, message) }
    },
    // One pixel has no neighbor to mirror.
    onTensor("ctorch_smooth", [1, 1, 3, 1]) { ctorch_smooth($0, $1, $2) },
    // Three pixels have only two neighbors to mirror.
    onTensor("ctorch_reflection_pad2d", [1, 1, 3, 3]) {
      ctorch_reflection_pad2d($0, 3, 0, 0, 0, $1, $2)
    },
    onTensor("ctorch_instance_norm", [2]) {
      ctorch_instance_norm($0, 1e-5, 1, nil, 0, $1, $2)
    },
    BadCall("ctorch_channel_moments") { _, message in
      var (means, squares) = ([0.0, 0], [0.0, 0])
      return withTensor([2, 2]) { ctorch_channel_moments($0, &means, &squares, message) }
    },
    onTensor("ctorch_normalize_channels", [2, 2]) {
      ctorch_normalize_channels($0, [0, 0], [1, 1], 1, $1, $2)
    },
    onTensor("ctorch_batch_norm", [1, 2, 3, 3]) { x, result, message in
      withTensor([3]) { ctorch_batch_norm(x, $0, $0, $0, $0, true, 0.1, 1e-5, result, message) }
    },
    onTensor("ctorch_linear", [1, 2]) { x, result, message in
      withTensor([4, 3]) { ctorch_linear(x, $0, nil, result, message) }
    },
    BadCall("ctorch_normal_like") { ctorch_normal_like(nil, $0, $1) },
    onTensor("ctorch_dropout", [2]) { ctorch_dropout($0, 1.5, $1, $2) },
    onTensor("ctorch_conv2d_rectangular", [1, 2, 5, 5]) { x, result, message in
      withTensor([1, 3, 1, 3]) { ctorch_conv2d_rectangular(x, $0, nil, 1, 0, 1, result, message) }
    },
    onTensor("ctorch_max_pool2d", [1, 1, 2, 2]) { ctorch_max_pool2d($0, 3, 1, 0, $1, $2) },
    onTensor("ctorch_average_pool2d", [1, 1, 2, 2]) { ctorch_average_pool2d($0, 3, 1, 0, $1, $2) },
    onTensor("ctorch_resize_bilinear", [1, 1, 2, 2]) { ctorch_resize_bilinear($0, 0, 1, $1, $2) },
  ]

  private static let matrices: [BadCall] = [
    onMismatch("ctorch_matrix_product", ctorch_matrix_product),
    onMismatch("ctorch_less", ctorch_less),
    onTensor("ctorch_triangular_factor", [2]) { ctorch_triangular_factor($0, $1, $2) },
    onTensor("ctorch_singular_values", [2]) { ctorch_singular_values($0, $1, $2) },
    onTensor("ctorch_rows", [2, 2]) { ctorch_rows($0, [2], 1, $1, $2) },
  ]

  /// More ways to misuse functions that are called above.
  static let others: [BadCall] = [
    onTensor("ctorch_instance_norm", [1, 2, 1, 1]) {
      ctorch_instance_norm($0, 1e-5, 0, nil, 0, $1, $2)
    },
    // The same in channel blocks, where the CPU has them.
    onBlocks("ctorch_reflection_pad2d", [1, 16, 3, 3]) {
      ctorch_reflection_pad2d($0, 3, 0, 0, 0, $1, $2)
    },
    onBlocks("ctorch_instance_norm", [1, 16, 1, 1]) {
      ctorch_instance_norm($0, 1e-5, 0, nil, 0, $1, $2)
    },
    onBlocks("ctorch_narrow", [1, 16, 3, 3]) { ctorch_narrow($0, 4, 0, 1, $1, $2) },
    onBlocks("ctorch_add", [1, 16, 3, 3]) { x, result, message in
      withTensor([1, 16, 3, 2]) { ctorch_add(x, $0, result, message) }
    },
    onBlocks("ctorch_sum", [1, 16, 3, 3]) { ctorch_sum($0, [4], 1, true, $1, $2) },
    onBlocks("ctorch_copy_in_place", [1, 16, 3, 3]) { target, _, message in
      withTensor([1, 16, 3, 2]) { ctorch_copy_in_place(target, $0, message) }
    },
    // Three channels of weights for sixteen of the map, and a kernel larger than the map.
    onBlocks("ctorch_conv2d", [1, 16, 5, 5]) { x, result, message in
      withTensor([16, 3, 3, 3]) { ctorch_conv2d(x, $0, nil, 1, 0, result, message) }
    },
    onBlocks("ctorch_conv2d", [1, 16, 5, 5]) { x, result, message in
      withTensor([16, 16, 7, 7]) { ctorch_conv2d(x, $0, nil, 1, 0, result, message) }
    },
  ]

  private static let training: [BadCall] = [
    BadCall("ctorch_set_requires_gradient") { _, message in
      withTensor([2], CTORCH_INT64) { ctorch_set_requires_gradient($0, true, message) }
    },
    onTensor("ctorch_backward", [1]) { loss, _, message in ctorch_backward(loss, message) },
    onTensor("ctorch_set_gradient", [2]) { tensor, _, message in
      withTensor([3]) { ctorch_set_gradient(tensor, $0, message) }
    },
    onTensor("ctorch_gradient_of", [1]) { output, result, message in
      withTensor([1]) { ctorch_gradient_of(output, $0, false, result, message) }
    },
    BadCall("ctorch_autocast_begin") { ctorch_autocast_begin(CTORCH_MPS, $1) },
    BadCall("ctorch_autocast_end") { ctorch_autocast_end(CTORCH_MPS, $1) },
    onTensor("ctorch_adam_step", [2]) { parameter, _, message in
      withTensor([3]) { gradient in
        ctorch_adam_step(
          [parameter], [gradient], [parameter], [parameter], 1, 1, 0.1, 0.5, 0.999, 1e-8, message)
      }
    },
    onTensor("ctorch_rmsprop_step", [2]) { parameter, _, message in
      withTensor([3]) {
        ctorch_rmsprop_step([parameter], [$0], [parameter], 1, 0.1, 0.99, 1e-8, message)
      }
    },
    BadCall("ctorch_are_finite") {
      var result = false
      return ctorch_are_finite([nil], 1, &result, $1)
    },
    BadCall("ctorch_clip_norm") { ctorch_clip_norm([nil], 1, 1, $1) },
    BadCall("ctorch_clamp_in_place") { ctorch_clamp_in_place([nil], 1, 1, $1) },
    onTensor("ctorch_average_in_place", [2]) { average, _, message in
      withTensor([3]) { ctorch_average_in_place([average], [$0], 1, 0.5, message) }
    },
  ]

  private static let script: [BadCall] = [
    BadCall("ctorch_script_save") { _, message in
      ctorch_script_save("no code", nil, nil, nil, 0, "", "", { _, _, _ in }, nil, message)
    },
    BadCall("ctorch_script_load") { ctorch_script_load("/nonexistent", cpu, $0, $1) },
    // One with a method that takes no input.
    onTensor("ctorch_module_run", [1]) { input, result, message in
      withModule { ctorch_module_run($0, [input], 1, nil, nil, 0, result, message) }
    },
  ]

  private static let processes: [BadCall] = [
    BadCall("ctorch_processes_join") { result, message in
      "127.0.0.1".withCString { host in
        // Nobody has opened the store at this port.
        var launch = ctorch_launch(
          host: host, port: 1, rank: 1, count: 2, interface: nil, uses_nccl: false, timeout_ms: 100)
        return ctorch_processes_join(&launch, result, message)
      }
    }
  ]

  private static func onTensor(
    _ function: String, _ shape: [Int64],
    _ call: @escaping @Sendable (OpaquePointer?, ResultPointer, MessagePointer) -> ctorch_status
  ) -> BadCall {
    BadCall(function) { result, message in withTensor(shape) { call($0, result, message) } }
  }

  /// On a map of zeros that a convolution has made.
  private static func onBlocks(
    _ function: String, _ shape: [Int64],
    _ call: @escaping @Sendable (OpaquePointer?, ResultPointer, MessagePointer) -> ctorch_status
  ) -> BadCall {
    BadCall(function) { result, message in
      withTensor([shape[0], 1, shape[2], shape[3]]) { image in
        withTensor([shape[1], 1, 3, 3]) { weight in
          var map: OpaquePointer?
          let status = ctorch_conv2d(image, weight, nil, 1, 1, &map, message)
          precondition(status == CTORCH_OK, "no map of \(shape)")
          defer { ctorch_tensor_release(map) }
          return call(map, result, message)
        }
      }
    }
  }

  /// Sizes 2 and 3 do not broadcast.
  private static func onMismatch(
    _ function: String,
    _ call:
      @escaping @Sendable (OpaquePointer?, OpaquePointer?, ResultPointer?, MessagePointer?) ->
      ctorch_status
  ) -> BadCall {
    BadCall(function) { result, message in
      withTensor([2]) { a in withTensor([3]) { b in call(a, b, result, message) } }
    }
  }
}

/// Lends a tensor of zeros.
func withTensor<R>(
  _ shape: [Int64], _ dtype: ctorch_dtype = CTORCH_FLOAT32, _ body: (OpaquePointer?) -> R
) -> R {
  var tensor: OpaquePointer?
  var message: UnsafeMutablePointer<CChar>?
  let status = ctorch_full(0, dtype, shape, Int32(shape.count), cpu, &tensor, &message)
  precondition(status == CTORCH_OK, "no tensor of \(shape)")
  defer { ctorch_tensor_release(tensor) }
  return body(tensor)
}

/// Lends a module of TorchScript whose `forward` takes nothing.
func withModule<R>(_ body: (OpaquePointer?) -> R) -> R {
  let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).pt")
  defer { try? FileManager.default.removeItem(at: file) }
  var module: OpaquePointer?
  var message: UnsafeMutablePointer<CChar>?
  var bytes = Data()
  let saved = withUnsafeMutablePointer(to: &bytes) { target in
    ctorch_script_save(
      "def forward(self):\n  return 1\n", nil, nil, nil, 0, "", "",
      {
        $0!.assumingMemoryBound(to: Data.self).pointee.append(
          $1!.assumingMemoryBound(to: UInt8.self), count: $2)
      },
      target, &message)
  }
  precondition(saved == CTORCH_OK, "no module")
  try? bytes.write(to: file)
  let loaded = ctorch_script_load(file.path, cpu, &module, &message)
  precondition(loaded == CTORCH_OK, "no module in the file")
  defer { ctorch_module_release(module) }
  return body(module)
}
