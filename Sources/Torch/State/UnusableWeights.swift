/// Why a weights file cannot be used, in words for its reader; whoever knows the path turns it into a
/// `FileError`.
struct UnusableWeights: Error, Equatable {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}
