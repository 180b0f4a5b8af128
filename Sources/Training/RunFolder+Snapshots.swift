import Files
import Foundation

/// Which snapshots of a run there are, which is the best, and which go.
extension RunFolder {
  /// A snapshot and where the run stood.
  struct KeptSnapshot {
    let snapshot: Snapshot
    let progress: TrainingProgress

    var name: String { snapshot.url.lastPathComponent }

    var isTimed: Bool { progress.isTimed == true }

    /// The epoch that it was saved after; `nil` inside one.
    var epoch: Int? { progress.position == 0 ? progress.epoch - 1 : nil }
  }

  /// What lies in `snapshots`; empty where there is no such folder. Throws `FileError` for one that cannot be read.
  func snapshotNames() throws(FileError) -> [String] {
    guard FileKind(of: snapshots) != nil else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: snapshots.path)
        .filter { !$0.hasPrefix(".") }
    } catch {
      throw FileError(path: snapshots.relativePath, cause: error)
    }
  }

  /// Those that can be read and have a snapshot's name, oldest first. Copies under names of their own are the user's.
  func keptSnapshots() -> [KeptSnapshot] {
    ((try? snapshotNames()) ?? []).filter(Snapshot.isName)
      .compactMap { name in
        let snapshot = Snapshot(url: snapshots.appendingPathComponent(name))
        return (try? snapshot.readProgress()).map { KeptSnapshot(snapshot: snapshot, progress: $0) }
      }
      .sorted { $0.progress.step < $1.progress.step }
  }

  /// The one that `latest` leads to. Without the link, the newest that can be read: a copy may lose links or have
  /// folders in their place, and the first snapshot gets its link a moment after its name.
  package var latestSnapshot: Snapshot? {
    let hasFolder = FileKind(of: latest) == .folder
    if hasFolder, target(of: latest) != nil { return Snapshot(url: latest) }
    return keptSnapshots().last?.snapshot ?? (hasFolder ? Snapshot(url: latest) : nil)
  }

  /// The snapshot that `latest` leads to and the newest of the others, by their names; `nil` without two.
  package var latestAndOther: (latest: String, other: String)? {
    guard let latest = target(of: latest),
      let other = keptSnapshots().last(where: { $0.name != latest })
    else { return nil }
    return (latest, other.name)
  }

  /// Makes `latest` a link again where it is none, or leads nowhere. Throws `FileError`.
  func restoreLatest() throws(FileError) {
    guard target(of: latest) == nil || FileKind(of: latest) == nil,
      let newest = keptSnapshots().last
    else { return }
    try point(latest, to: newest.snapshot.url)
  }

  /// Lets `best` point to the best by validation, and then removes what the schedule does not keep: all but the
  /// newest, those of every so many epochs, and those that `latest` and `best` point to; of those that were saved for
  /// the time all but the newest.
  ///
  /// Throws `FileError` where `best` cannot be changed, or the log of validations not be read; nothing is removed
  /// then.
  func settleSnapshots(
    _ schedule: RunSchedule, _ validation: ValidationSettings
  ) throws(FileError) {
    let all = keptSnapshots()
    guard let newest = all.last(where: { target(of: latest) == $0.name }) else { return }
    // What is later than `latest` belongs to steps that somebody went back behind.
    let valid = all.filter { $0.progress.step <= newest.progress.step }
    let lines = try StepLog.read(ValidationLine.self, from: self.validation)
      .filter { $0.step <= newest.progress.step }
    let chosen = validation.bestStep(lines, among: Set(valid.map(\.progress.step)))
    if let found = valid.last(where: { $0.progress.step == chosen }) {
      if target(of: best) != found.name { try point(best, to: found.snapshot.url) }
    } else if !lines.isEmpty || !valid.contains(where: { target(of: best) == $0.name }) {
      // Without its log the best is what it was.
      unlink(best.path)
    }
    let named = [latest, best].compactMap(target)
    func isNamed(_ kept: KeptSnapshot) -> Bool { named.contains(kept.name) }
    // One that was saved for the time makes way for the next of its kind, and for no other.
    for kept in all.filter(\.isTimed).dropLast() where !isNamed(kept) { kept.snapshot.remove() }
    guard schedule.keepLast > 0 else { return }
    let regular = valid.filter { !$0.isTimed }
    for kept in regular.dropLast(schedule.keepLast) where !isNamed(kept) {
      if let epoch = kept.epoch, schedule.keepEvery > 0, epoch % schedule.keepEvery == 0 {
        continue
      }
      kept.snapshot.remove()
    }
  }

  /// The step of the best by validation, of the snapshots and the networks as they are after `step`; `nil` where
  /// there is no log that can be read.
  func bestStep(_ validation: ValidationSettings, orAfter step: Int) -> Int? {
    guard let lines = try? StepLog.read(ValidationLine.self, from: self.validation) else {
      return nil
    }
    return validation.bestStep(lines, among: Set(keptSnapshots().map(\.progress.step) + [step]))
  }
}
