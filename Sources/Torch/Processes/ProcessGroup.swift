import CTorch
import Foundation
import Machine
import Synchronization
import Wording

/// Processes that train together, each with a rank from 0 on.
///
/// Its operations have to be called by all of them in one order. If one of the others ends, hangs or cannot be
/// reached, the operation ends this process by `TorchFailure`, with a message that names it.
package final class ProcessGroup: Sendable {
  package let rank: Int
  package let count: Int
  /// libtorch's, which may be used from any thread.
  nonisolated(unsafe) let pointer: OpaquePointer
  /// Operations so far: who hangs has begun fewer than the others.
  private let begun = Atomic<Int>(0)

  /// Elements of 4 bytes in tensors that travel together, about 25 MB.
  private static let bucketSize = 25_000_000 / 4
  /// How long others have to answer once an operation has failed. Each looks once a second.
  private static let patience = Duration.seconds(5)

  /// Which library tensors on GPUs travel by.
  package enum Transport: String, Sendable, CaseIterable {
    /// NCCL where there is one and tensors are on GPUs.
    case auto
    case gloo, nccl
  }

  /// What joining needs to know beside the launcher's words.
  package struct Settings: Sendable {
    package var transport = Transport.auto
    /// Of the network, such as "eth0"; `nil` for that of the machine's name.
    package var interface: String?
    /// Of joining, and of each operation.
    package var timeout = Duration.seconds(600)

    package init() {}
  }

  /// Waits until all are there.
  ///
  /// Throws `LaunchError` with the address if they do not come together in time.
  package init(
    _ launched: LaunchedProcesses, _ settings: Settings, device: Device
  ) throws(LaunchError) {
    let (rank, count) = (launched.rank, launched.count)
    // A store that is the launcher's is there when processes start again, with what the ones before have left, and
    // libtorch 1.13 does not understand a newer torchrun's: the processes meet at the next port, at a store of their
    // own.
    let port = launched.port + (launched.storeIsLaunchers ? 1 : 0)
    let isOnGPU = if case .cuda = device { true } else { false }
    let usesNCCL =
      settings.transport == .nccl
      || settings.transport == .auto && isOnGPU && ctorch_processes_can_use_nccl()
    let timeout = Int64(settings.timeout / .milliseconds(1))
    func join() throws(TorchError) -> OpaquePointer {
      var joined: OpaquePointer?
      try attempt("join") { message in
        launched.host.withCString { host in
          withOptionalCString(settings.interface) { interface in
            var launch = ctorch_launch(
              host: host, port: UInt16(clamping: port), rank: Int32(rank), count: Int32(count),
              interface: interface, uses_nccl: usesNCCL, timeout_ms: timeout)
            return ctorch_processes_join(&launch, &joined, message)
          }
        }
      }
      return joined!
    }
    let deadline = ContinuousClock.now + settings.timeout
    var joined: OpaquePointer?
    while joined == nil {
      do throws(TorchError) {
        joined = try join()
      } catch {
        // A process that is started again may meet the store of a rank 0 that is about to end.
        guard rank > 0, launched.restarts > 0, ContinuousClock.now < deadline else {
          throw LaunchError(
            "\(counted(count, "process", plural: "processes")) at \(launched.host):\(port), within "
              + "\(settings.timeout / .seconds(1)) s: \(Self.firstLine(error.message))")
        }
        Thread.sleep(forTimeInterval: 1)
      }
    }
    (self.rank, self.count) = (rank, count)
    pointer = joined!
    answerWhereOthersFail()
  }

  /// Ends the membership. All operations of all processes are over.
  deinit { ctorch_processes_leave(pointer) }

  // MARK: Operations

  /// Adds up each tensor over all processes, in place.
  package func sum(_ tensors: [Tensor]) { beginSum(tensors).finish() }

  /// The same while this process goes on computing.
  package func beginSum(_ tensors: [Tensor]) -> PendingSum {
    var pending: OpaquePointer?
    withPointers(tensors) { pointers in
      carryOut {
        ctorch_processes_begin_sum(
          pointer, pointers, Int32(tensors.count), Int64(Self.bucketSize), &pending, $0)
      }
    }
    return PendingSum(pending!, of: self)
  }

  /// Tensors that are being added up. Until `finish` they are what they were, and nobody may change them.
  package final class PendingSum {
    private let pointer: OpaquePointer
    private let processes: ProcessGroup

    fileprivate init(_ pointer: OpaquePointer, of processes: ProcessGroup) {
      (self.pointer, self.processes) = (pointer, processes)
    }

    deinit { ctorch_pending_sum_release(pointer) }

    /// Waits for the sums and puts them into the tensors. To be called once.
    package func finish() {
      processes.carryOut { ctorch_pending_sum_finish(pointer, processes.pointer, $0) }
    }
  }

  /// The sum of a tensor, `float32`, over all processes. Its backward pass adds up what flows back in all of them.
  package func sum(_ tensor: Tensor) -> Tensor {
    var result: OpaquePointer?
    carryOut {
      ctorch_processes_sum_differentiably(pointer, tensor.handle.pointer, &result, $0)
    }
    return Tensor(handle: TensorHandle(adopting: result!))
  }

  /// The sum of each number over all processes.
  package func sum(_ numbers: [Double]) -> [Double] {
    var values = numbers
    carryOut { ctorch_processes_sum_numbers(pointer, &values, Int32(numbers.count), $0) }
    return values
  }

  /// What each process has handed over, by rank.
  package func exchange(_ own: Data) -> [Data] {
    var counts = [Double](repeating: 0, count: count)
    counts[rank] = Double(own.count)
    counts = sum(counts)
    return (0..<count).map { sender in
      var bytes = sender == rank ? own : Data(count: Int(counts[sender]))
      bytes.withUnsafeMutableBytes { buffer in
        carryOut {
          ctorch_processes_broadcast(
            pointer, Int32(sender), buffer.baseAddress, buffer.count, $0)
        }
      }
      return bytes
    }
  }

  /// Waits until all have come here.
  package func meet() { _ = sum([0]) }

  // MARK: Failures

  /// Tells the others why this process ends, which they say before they end.
  package func announce(_ reason: String) {
    do throws(TorchError) {
      try post(Self.reasonKey(rank), reason)
      try post(Self.failedKey, "\(rank)")
      // It may be that all end for one reason.
      try post(Self.readKey(rank), "")
      if rank == 0 { waitForReaders(except: [rank]) }
    } catch {
      // They see that it is gone.
    }
  }

  private func carryOut(_ operation: (ShimMessage) -> ctorch_status) {
    begun.add(1, ordering: .relaxed)
    do throws(TorchError) {
      try attempt("processes", operation)
    } catch {
      let words = causeOfFailureInTime(or: Self.brief(error.message))
      TorchFailure.handle(TorchError(operation: "training together", message: words))
    }
  }

  /// The same as `causeOfFailure`. Where the store cannot be reached, asking it may take for ever.
  private func causeOfFailureInTime(or words: String) -> String {
    let answer = Answer()
    Thread.detachNewThread { answer.give(self.causeOfFailure(or: words)) }
    return answer.wait(for: Self.patience + .seconds(10))
      ?? "rank 0 ended or cannot be reached (\(words))"
  }

  /// A text that one thread waits for.
  private final class Answer: Sendable {
    private let text = Mutex<String?>(nil)
    private let isGiven = DispatchSemaphore(value: 0)

    func give(_ words: String) {
      text.withLock { $0 = words }
      isGiven.signal()
    }

    func wait(for time: Duration) -> String? {
      _ = isGiven.wait(timeout: .now() + time / .seconds(1))
      return text.withLock { $0 }
    }
  }

  /// Which of the others do not answer, or have said why they end.
  private func causeOfFailure(or words: String) -> String {
    do throws(TorchError) {
      try post(Self.failedKey, "\(rank)")
      try answer()
      let ranks = (0..<count).filter { $0 != rank }
      var answers: [Int: Int] = [:]
      let deadline = ContinuousClock.now + Self.patience
      while answers.count < ranks.count, ContinuousClock.now < deadline {
        for other in ranks where answers[other] == nil {
          answers[other] = try posted(Self.answerKey(other)).flatMap { Int($0) }
        }
        Thread.sleep(forTimeInterval: 0.1)
      }
      var reasons: [String] = []
      for other in ranks {
        if let reason = try posted(Self.reasonKey(other)) {
          reasons.append("rank \(other) has ended: \(reason)")
        }
      }
      let silent = ranks.filter { answers[$0] == nil }
      let last = max(answers.values.max() ?? 0, begun.load(ordering: .relaxed))
      let late = ranks.filter { (answers[$0] ?? last) < last }
      try post(Self.readKey(rank), "")
      if rank == 0 { waitForReaders(except: Set(silent + [rank])) }
      if !reasons.isEmpty { return reasons.joined(separator: "; ") }
      if !silent.isEmpty { return "\(Self.names(silent)) ended or cannot be reached (\(words))" }
      if !late.isEmpty { return "\(Self.names(late)) did not come in time (\(words))" }
      return words
    } catch {
      return "rank 0 ended or cannot be reached (\(words))"
    }
  }

  /// Whose store it is goes last: the others read there why they end.
  private func waitForReaders(except others: Set<Int>) {
    let deadline = ContinuousClock.now + Self.patience
    var waiting = (0..<count).filter { !others.contains($0) }
    while !waiting.isEmpty, ContinuousClock.now < deadline {
      waiting.removeAll { hasRead($0) }
      Thread.sleep(forTimeInterval: 0.1)
    }
  }

  private func hasRead(_ rank: Int) -> Bool {
    do throws(TorchError) { return try posted(Self.readKey(rank)) != nil } catch { return true }
  }

  /// Answers for as long as the group exists, whatever the other threads do.
  private func answerWhereOthersFail() {
    Thread.detachNewThread { [weak self] in
      repeat { Thread.sleep(forTimeInterval: 1) } while self?.hasNothingToAnswer() ?? false
    }
  }

  /// Whether the others may still ask; a store that is gone has no questions.
  private func hasNothingToAnswer() -> Bool {
    do throws(TorchError) {
      if try posted(Self.failedKey) == nil { return true }
      try answer()
      ctorch_processes_give_up(pointer)
    } catch {
      // Nobody would hear it.
    }
    return false
  }

  private func answer() throws(TorchError) {
    try post(Self.answerKey(rank), "\(begun.load(ordering: .relaxed))")
  }

  private func post(_ key: String, _ text: String) throws(TorchError) {
    try attempt("post") { ctorch_processes_post(pointer, key, text, $0) }
  }

  private func posted(_ key: String) throws(TorchError) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    try attempt("posted") { ctorch_processes_posted(pointer, key, &text, $0) }
    guard let text else { return nil }
    defer { ctorch_free(text) }
    return String(cString: text)
  }

  private static let failedKey = "failed"
  private static func answerKey(_ rank: Int) -> String { "answer/\(rank)" }
  private static func reasonKey(_ rank: Int) -> String { "reason/\(rank)" }
  private static func readKey(_ rank: Int) -> String { "read/\(rank)" }

  private static func names(_ ranks: [Int]) -> String {
    (ranks.count == 1 ? "rank " : "ranks ") + listed(ranks.map(String.init))
  }

  /// The library's first sentence, without the place in its source that stands before it.
  static func brief(_ message: String) -> String {
    let line = firstLine(message)
    guard let end = line.firstRange(of: ". ") else { return line }
    return String(line[..<end.lowerBound])
  }

  private static func firstLine(_ message: String) -> String {
    let line = message.prefix { $0 != "\n" }
    guard line.hasPrefix("["), let place = line.firstRange(of: "] ") else { return String(line) }
    return String(line[place.upperBound...])
  }
}

private func withOptionalCString<Result>(
  _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
  guard let text else { return body(nil) }
  return text.withCString(body)
}
