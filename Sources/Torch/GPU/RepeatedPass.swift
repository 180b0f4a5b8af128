import CTorch

/// A forward and backward pass that every step of a training does with other images and the same networks.
///
/// On a CUDA device it is recorded once it has run a few times, as a graph of kernels, and repeated as a whole from
/// then on: of small batches launching the kernels one by one takes longer than they do. Elsewhere, and where it cannot
/// be recorded, it is simply run.
package final class RepeatedPass {
  /// What the pass leaves gradients in.
  package let parameters: [Parameter]
  /// What is not learned and yet changes in a pass, such as running statistics.
  private let buffers: [Parameter]
  private let device: Device
  private let recorder: any PassRecorder.Type
  /// Why no more passes are recorded; `nil` if those that come often are, or will be.
  package private(set) var obstacle: String?
  private var known: [Signature: Known] = [:]
  private var recordingsMade = 0
  private var runs = 0
  /// The most memory that passes have left behind when they were run, in bytes: at least what one of them needs.
  private var need = 0

  /// What a recording is of: another one is needed where any of it differs.
  private struct Signature: Hashable {
    let shapes: [[Int]]
    let key: [Double]
  }

  private struct Known {
    var runs = 0
    var lastRun = 0
    var recording: Recording?
  }

  private struct Recording {
    let work: any PassRecorder
    let inputs: [Tensor]
    let outputs: [Tensor]
    let gradients: [Tensor?]
    /// What was recorded, for recorders that do it anew; others must not keep alive what it refers to.
    let body: (([Tensor]) -> [Tensor])?
  }

  /// Runs of a kind before it is recorded: in these, kernels are tried out and memory is taken.
  private static let runsBefore = 3
  /// Kinds of passes whose recordings are kept.
  private static let mostKept = 4
  /// Runs of others after which a kind is forgotten, with the memory that its recording holds.
  private static let runsUntilForgotten = 100

  /// - Parameters:
  ///   - networks: whose gradients the pass leaves; none may have any before it.
  ///   - others: that take part and get no gradients.
  ///   - obstacle: what stands against repeating it, whatever the device.
  package convenience init(
    of networks: [any Module], beside others: [any Module] = [], on device: Device,
    obstacle: String? = nil
  ) {
    self.init(
      of: networks, beside: others, on: device, recorder: CUDAGraph.self, obstacle: obstacle)
  }

  package init(
    of networks: [any Module], beside others: [any Module] = [], on device: Device,
    recorder: any PassRecorder.Type, obstacle: String? = nil
  ) {
    parameters = networks.flatMap(\.trainableParameters)
    buffers = (networks + others).flatMap { $0.namedParameters().map(\.value) }
      .filter { !$0.isTrainable }
    self.device = device
    self.recorder = recorder
    self.obstacle = obstacle ?? recorder.obstacle(on: device)
  }

  /// Runs `body`, or repeats what it did before with other inputs.
  ///
  /// What is returned holds until the next call with inputs of these shapes and this key.
  /// - Parameters:
  ///   - inputs: all that differs between calls of one key, on the device.
  ///   - key: numbers that `body` depends on otherwise.
  ///   - body: leaves gradients in the parameters and returns tensors without any. Must not wait for the device.
  package func run(
    _ inputs: [Tensor], key: [Double] = [], _ body: @escaping ([Tensor]) -> [Tensor]
  ) -> [Tensor] {
    // Where no more are recorded, those that are already go on being repeated.
    if obstacle != nil, known.isEmpty { return body(inputs) }
    runs += 1
    if runs.isMultiple(of: Self.runsUntilForgotten) { forgetOldKinds() }
    let signature = Signature(shapes: inputs.map(\.shape), key: key)
    var kind = known[signature] ?? Known()
    kind.lastRun = runs
    kind.runs += 1
    if let recording = kind.recording {
      known[signature] = kind
      return repeated(recording, with: inputs)
    }
    if obstacle != nil { return body(inputs) }
    known[signature] = kind
    guard kind.runs > Self.runsBefore else {
      defer {
        if kind.runs == Self.runsBefore {
          need = max(need, recorder.memory(on: device)?.reusable ?? 0)
        }
      }
      return body(inputs)
    }
    guard mayRecord() else { return body(inputs) }
    do {
      let recording = try record(inputs, body)
      recordingsMade += 1
      kind.recording = recording
      known[signature] = kind
      return repeated(recording, with: inputs)
    } catch {
      // What was recorded until then is memory without values.
      for parameter in parameters { parameter.dropGradient() }
      giveUp(because: "the pass cannot be recorded: \(error.summary)")
      return body(inputs)
    }
  }

  /// Runs passes from now on, and lets go of what was recorded.
  private func giveUp(because obstacle: String) {
    self.obstacle = obstacle
    known = [:]
    recorder.giveBackMemory()
  }

  private func forgetOldKinds() {
    let before = recordings.count
    known = known.filter { runs - $0.value.lastRun < Self.runsUntilForgotten }
    if recordings.count < before { recorder.giveBackMemory() }
  }

  /// Whether another recording pays, which where sizes keep changing none does, and there is memory for it. Lets go of
  /// recordings that nobody needs.
  private func mayRecord() -> Bool {
    guard recordingsMade < Self.mostKept + runs / 100 else { return false }
    forgetOldKinds()
    let kept = recordings
    if kept.count >= Self.mostKept,
      let oldest = kept.min(by: { $0.value.lastRun < $1.value.lastRun })?.key
    {
      known[oldest] = nil
      recorder.giveBackMemory()
    }
    // Other passes and what is done between them need as much beside it.
    if let memory = recorder.memory(on: device), memory.free < need {
      obstacle = "too little of the GPU's memory is free to record a pass"
      known = recordings
      return false
    }
    return true
  }

  private var recordings: [Signature: Known] { known.filter { $0.value.recording != nil } }

  /// Whether what comes is repeated: something was recorded.
  private var isRepeated: Bool { !recordings.isEmpty }

  private var isOnGPU: Bool { if case .cuda = device { true } else { false } }

  /// Why a GPU is given the operators of these passes one by one; `nil` where it is not, or not for long, and
  /// elsewhere.
  package static func obstacleOnGPU(to passes: [RepeatedPass]) -> String? {
    passes.lazy.filter(\.isOnGPU).compactMap(\.obstacle).first
  }

  /// How a GPU gets these passes: "repeated as recorded" if all were recorded, or why not; `nil` elsewhere.
  package static func wayOnGPU(of passes: [RepeatedPass]) -> String? {
    guard passes.contains(where: \.isOnGPU) else { return nil }
    let obstacle = obstacleOnGPU(to: passes)
    if obstacle == nil, passes.allSatisfy(\.isRepeated) { return "repeated as recorded" }
    let part = passes.contains(where: \.isRepeated) ? "in part " : ""
    return "\(part)operator by operator: \(obstacle ?? "not all was recorded yet")"
  }

  private func record(
    _ inputs: [Tensor], _ body: @escaping ([Tensor]) -> [Tensor]
  ) throws(TorchError) -> Recording {
    let own = inputs.map { $0.detached().cloned() }
    // They are what they were until what was recorded is done.
    let before = buffers.map { $0.tensor.cloned() }
    defer {
      for (buffer, value) in zip(buffers, before) { buffer.tensor.copyInPlace(from: value) }
    }
    let work = try recorder.init(on: device)
    let outputs = body(own)
    let gradients = parameters.map(\.gradient)
    try work.finish()
    for parameter in parameters { parameter.dropGradient() }
    return Recording(
      work: work, inputs: own, outputs: outputs, gradients: gradients,
      body: recorder.doesAnew ? body : nil)
  }

  private func repeated(
    _ recording: Recording, with inputs: [Tensor]
  ) -> [Tensor] {
    for (own, input) in zip(recording.inputs, inputs) { own.copyInPlace(from: input) }
    recording.work.repeatOnce { again in
      guard let body = recording.body else { return }
      again(body(recording.inputs), recording.outputs)
      again(parameters.compactMap(\.gradient), recording.gradients.compactMap { $0 })
    }
    for (parameter, gradient) in zip(parameters, recording.gradients) {
      if let gradient { parameter.take(gradient: gradient) }
    }
    return recording.outputs
  }
}

/// Records what is asked of a device, from `init` to `finish`.
package protocol PassRecorder: AnyObject {
  static func obstacle(on device: Device) -> String?
  /// `nil` where it does not matter.
  static func memory(on device: Device) -> GPUMemory?
  /// Returns the memory of recordings that nobody holds any more to the device.
  static func giveBackMemory()
  /// Whether `repeatOnce` does anew what was recorded.
  static var doesAnew: Bool { get }
  init(on device: Device) throws(TorchError)
  /// Throws where something could not be recorded.
  func finish() throws(TorchError)
  /// Does what was recorded once more, with its results in the same memory.
  ///
  /// - Parameter doAnew: what was recorded, done operator by operator; calls its argument with new results and those
  ///   whose place they take. What repeats by itself has no use for it.
  func repeatOnce(_ doAnew: ((_ results: [Tensor], _ places: [Tensor]) -> Void) -> Void)
}

/// A graph of kernels, which write to the memory that they were recorded with.
package final class CUDAGraph: PassRecorder {
  private let pointer: OpaquePointer

  package static func obstacle(on device: Device) -> String? {
    ctorch_graph_obstacle(device.shimValue).map { String(cString: $0) }
  }

  package static var doesAnew: Bool { false }

  package static func memory(on device: Device) -> GPUMemory? { device.gpuMemory }

  package static func giveBackMemory() { ctorch_graph_give_back() }

  package init(on device: Device) throws(TorchError) {
    var result: OpaquePointer?
    try attempt("record") { ctorch_graph_begin(device.shimValue, &result, $0) }
    guard let result else { throw TorchError(operation: "record", message: "there is no graph") }
    pointer = result
  }

  deinit { ctorch_graph_release(pointer) }

  package func finish() throws(TorchError) {
    try attempt("record") { ctorch_graph_end(pointer, $0) }
  }

  package func repeatOnce(_ doAnew: ((_ results: [Tensor], _ places: [Tensor]) -> Void) -> Void) {
    attemptOrFail("repeat") { ctorch_graph_replay(pointer, $0) }
  }
}
