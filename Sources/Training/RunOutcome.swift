/// How a call of a run ended.
package enum RunOutcome: Codable, Sendable, Equatable {
  case finished
  /// Stopped when asked to; a snapshot holds how far it came.
  case interrupted
  /// Stopped because of an alarm; a snapshot holds how far it came.
  case stopped(by: Alarm)
  /// Nothing is saved: the run had better begin anew with another seed.
  case wantsRestart(after: Alarm)
  /// There was nothing to do: the run has trained all its epochs.
  case complete(epochs: Int)
  /// There was nothing to do: the run has taken as many steps as the limit allows.
  case reachedMaximum(steps: Int)
}
