import Foundation

/// A file below `Tests/Fixtures`, such as `Reference/training.safetensors`.
package func fixture(_ path: String) -> URL {
  URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures").appendingPathComponent(path)
}
