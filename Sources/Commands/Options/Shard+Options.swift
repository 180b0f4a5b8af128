import Machine
import Translation

extension Shard: OptionValue {
  static var kind: String { "a part such as 0/4: I/N, with I from 0 to N - 1" }

  init?(optionText text: String) {
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let index = numbers[0], let count = numbers[1] else { return nil }
    self.init(index: index, count: count)
  }

  var optionText: String { "\(index)/\(count)" }

  /// The part that a launcher has given to this process; `nil` where there is no launcher.
  ///
  /// The tasks of a Slurm array can be numbered from any number on, and in steps.
  static func given(by variables: LaunchVariables) throws(UsageError) -> Shard? {
    do throws(LaunchError) {
      if let (rank, count) = try variables.pair("RANK", "WORLD_SIZE") {
        return try shard(rank, of: count, "RANK", rank, "WORLD_SIZE")
      }
      let names = (index: "SLURM_ARRAY_TASK_ID", count: "SLURM_ARRAY_TASK_COUNT")
      guard let (task, count) = try variables.pair(names.index, names.count) else { return nil }
      let first = try variables.number("SLURM_ARRAY_TASK_MIN") ?? 0
      let step = try variables.number("SLURM_ARRAY_TASK_STEP", in: 1...1_000_000_000) ?? 1
      guard task >= first, (task - first) % step == 0 else {
        throw LaunchError(
          "SLURM_ARRAY_TASK_ID: \(task) is not \(first) and a multiple of \(step)")
      }
      return try shard((task - first) / step, of: count, names.index, task, names.count)
    } catch {
      throw UsageError(error.description)
    }
  }

  private static func shard(
    _ index: Int, of count: Int, _ name: String, _ value: Int, _ countName: String
  ) throws(LaunchError) -> Shard {
    guard let shard = Shard(index: index, count: count) else {
      throw LaunchError("\(name): \(value) is outside of \(countName), which is \(count)")
    }
    return shard
  }
}
