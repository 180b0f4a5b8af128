/// How long a run goes on and what it leaves on its way: what its continuation may change.
package struct RunSchedule: Codable, Sendable, Equatable {
  /// Epochs at the full learning rate; `n_epochs` in the reference.
  package var constantEpochs = 100
  /// Epochs of decay after them; `n_epochs_decay`.
  package var decayEpochs = 100
  /// Epochs between snapshots.
  package var saveEvery = 5
  /// Steps between lines of `metrics.jsonl`.
  package var logEvery = 100
  /// Steps between sample sheets; `nil` draws one with each snapshot.
  package var sampleEvery: Int?

  package init() {}

  package var totalEpochs: Int { constantEpochs + decayEpochs }
}
