/// How the tool ends, for whoever started it.
enum ExitCode: Int32, Sendable {
  case success = 0
  case failure = 1
  /// The command line was wrong; `EX_USAGE` of sysexits.h.
  case usage = 64
  /// Stopped by SIGINT or SIGTERM after saving; 128 + SIGINT, as shells count.
  case interrupted = 130
}
