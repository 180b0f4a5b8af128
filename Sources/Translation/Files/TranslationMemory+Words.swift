import Datasets
import Foundation
import Models
import Training
import Wording

// What the user is told about memory.
extension TranslationMemory {
  /// Why and how an image is translated in tiles.
  /// - Parameter wholeBytes: what it would take at once; `nil` where tiles were asked for.
  func words(
    for plan: TiledGenerator.Plan, wholeBytes: Int?, _ size: ImageSize, _ generator: TiledGenerator
  ) -> String {
    let tiles = "working in tiles of \(plan.side)x\(plan.side) pixels"
    let bytes = tiledBytes(height: size.height, width: size.width, plan, generator)
    guard let wholeBytes else { return "\(tiles), in about \(gibibytes(bytes))" }
    return
      "\(size.width)x\(size.height) pixels would take about \(gibibytes(wholeBytes)) in one piece; "
      + "\(tiles), in about \(gibibytes(bytes))"
  }

  /// Why an image cannot be translated.
  func refusal(_ size: ImageSize, needed: Int) -> String {
    let tiles = side.map { "tiles of \($0)x\($0)" } ?? "tiles"
    let remedy = side == nil ? "" : "smaller tiles, or "
    return "\(size.width)x\(size.height) pixels take about \(gibibytes(needed)) even in \(tiles), "
      + "and \(gibibytes(available ?? 0)) are free; use \(remedy)a smaller size"
  }
}
