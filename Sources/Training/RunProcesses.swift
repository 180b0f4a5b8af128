import Foundation
import Torch

/// What the processes of a run agree on. The first of them writes the run's folder and its messages; a process alone
/// is the first.
struct RunProcesses {
  let group: ProcessGroup?

  var isFirst: Bool { group.map { $0.rank == 0 } ?? true }

  /// The positions in an epoch that this process trains on, step after step.
  ///
  /// - Parameters:
  ///   - positions: those that the epoch still has.
  ///   - batchSize: samples of a step of all processes.
  func share(
    of positions: Range<Int>, batchSize: Int, passes: Int
  ) -> [Int] {
    guard group != nil else { return Array(positions) }
    return stride(from: positions.lowerBound, to: positions.upperBound, by: batchSize).flatMap {
      start in
      parts(of: min(batchSize, positions.upperBound - start), passes: passes).flatMap { part in
        part.samples.map { start + $0 }
      }
    }
  }

  /// This process's parts of a step's batch.
  func parts(of total: Int, passes: Int) -> [BatchPart] {
    BatchPart.parts(of: total, rank: group?.rank ?? 0, processes: group?.count ?? 1, passes: passes)
  }

  /// What the first process makes of an alarm, and whether any is asked to stop.
  func agree(
    on outcome: RunOutcome?, stops: () -> Bool
  ) -> (outcome: RunOutcome?, stops: Bool) {
    guard let group else { return (outcome, stops()) }
    let numbers = group.sum([isFirst && outcome != nil ? 1 : 0, stops() ? 1 : 0])
    guard numbers[0] > 0 else { return (nil, numbers[1] > 0) }
    let encoded = group.exchange((try? JSONEncoder().encode(outcome)) ?? Data())
    return (try? JSONDecoder().decode(RunOutcome.self, from: encoded[0]), numbers[1] > 0)
  }

  /// Throws `RunError` unless all have the same weights: another file system's snapshot would go on as two runs.
  func checkWeights(of trainer: any Trainer, after step: Int) throws(RunError) {
    guard let group else { return }
    let own = trainer.networks.filter { !$0.name.hasSuffix("_ema") }
      .map { "\($0.network.weightsChecksum)" }.joined(separator: " ")
    let all = group.exchange(Data("\(step) \(own)".utf8))
    guard let other = all.firstIndex(where: { $0 != all[0] }) else { return }
    throw .weightsDiffer(rank: other, step: step)
  }
}
