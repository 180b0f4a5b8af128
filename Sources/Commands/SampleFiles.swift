import Files
import Foundation
import Imaging
import Synthesis
import Wording

/// The files that `generate` writes: one for each sample, a sheet of all, or both.
struct SampleFiles {
  /// `nil` writes no files of samples.
  let folder: URL?
  /// Samples in all.
  let count: Int
  /// `nil` writes none.
  let sheet: URL?

  /// That a call makes at most.
  static let mostImages = 10_000_000

  /// Throws an error for more images than a call makes.
  /// - Parameters:
  ///   - what: such as "images in all".
  ///   - option: that decides how many they are.
  static func check(_ count: Int, _ what: String, option: String) throws(UsageError) {
    guard count <= mostImages else {
      throw UsageError("--\(option): \(count) \(what) are more than \(mostImages)")
    }
  }

  /// What its name says; `nil` for none that can be written.
  var sheetFormat: ImageFormat? { sheet.flatMap { ImageFormat(pathExtension: $0.pathExtension) } }

  /// `0001.png` for the first of fewer than 10,000; `nil` without a folder.
  func file(_ index: Int) -> URL? { folder?.appendingPathComponent(name(index)) }

  private func name(_ index: Int) -> String {
    "\(padded(index + 1, to: max(4, String(count).count))).png"
  }

  /// Throws an error if the sheet would be too large, or cannot be written beside the samples.
  func checkSheet(_ plan: SamplePlan, size: Int) throws {
    let cells = plan.sheetCells
    let cell = plan.largestSheetCell(size: size)
    try checkSheet(
      rows: cells.rows, columns: cells.columns, cellHeight: cell.height, cellWidth: cell.width,
      advice: "lower --count")
  }

  /// The same for a sheet of so many cells of so many pixels.
  func checkSheet(rows: Int, columns: Int, cellHeight: Int, cellWidth: Int, advice: String) throws {
    guard let sheet else { return }
    // It is held in memory and is as large as all its images.
    let (pixels, overflows) = (rows * cellHeight).multipliedReportingOverflow(
      by: columns * cellWidth)
    guard !overflows, pixels <= ReadOptions().maximumPixels else {
      throw UsageError("--sheet: \(count) images are too many for one; \(advice)")
    }
    if FileKind(of: sheet) == .folder {
      throw FileError(path: sheet.relativePath, reason: "is a folder; --sheet names a file")
    }
    let (own, samples) = (Self.components(sheet), folder.map(Self.components))
    // The folder of samples, or one around it, which need not be there yet.
    if let samples, samples.starts(with: own) {
      throw UsageError("--sheet: \(sheet.relativePath) is a folder for --output")
    }
    if sheetFormat == nil {
      throw UsageError(
        "--sheet: \(sheet.relativePath) does not end in \(ImageFormat.extensionWords), which decides what is written"
      )
    }
    guard let samples else { return }
    guard own.dropLast() == samples[...], let index = sampleIndex(sheet.lastPathComponent) else {
      return
    }
    throw UsageError(
      "--sheet: \(sheet.relativePath) is the file of sample \(index + 1); choose another name")
  }

  /// Throws an error if a file is there already.
  func checkMissing() throws(FileError) {
    var samples = 0..<0
    if let folder, FileKind(of: folder) == .folder { samples = 0..<count }
    let files = samples.lazy.compactMap(file) + [sheet].compactMap { $0 }
    let existing = files.lazy.filter { FileManager.default.fileExists(atPath: $0.path) }
    guard let first = existing.first else { return }
    let all = (folder == nil ? 0 : count) + (sheet == nil ? 0 : 1)
    throw FileError(
      path: first.relativePath,
      reason: "\(existing.count) of \(all) results exist already; use --overwrite")
  }

  /// Makes the images one after another, writes each where there is a folder, and returns them where a sheet needs
  /// them; `nil` if interrupted.
  func write(
    _ context: CommandContext, _ image: (_ index: Int) throws -> Image
  ) throws -> [Image]? {
    var display = ProgressDisplay(console: context.console, linesEvery: 1000)
    defer { display.finish() }
    var shown: [Image] = []
    for index in 0..<count {
      if context.isInterrupted() { return nil }
      let image = try image(index)
      if let file = file(index) {
        try ImageFile(image: image, format: .png).write(to: file)
        context.console.result(file.relativePath)
      }
      if sheet != nil { shown.append(image) }
      display.advance([.init(name: "image", done: index + 1, total: count)], units: 1)
    }
    return shown
  }

  /// Writes a sheet of the images where one is asked for, and says its path.
  func writeSheet(_ image: () -> Image, _ say: (String) -> Void) throws {
    guard let sheet, let format = sheetFormat else { return }
    try ImageFile(image: image(), format: format).write(to: sheet)
    say(sheet.relativePath)
  }

  /// Makes the folders of the samples and of the sheet.
  func createFolders() throws(FileError) {
    for folder in [folder, sheet?.deletingLastPathComponent()].compactMap({ $0 }) {
      do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      } catch {
        throw FileError(path: folder.relativePath, cause: error)
      }
    }
  }

  /// The sample whose file has this name, from 0; `nil` if none has.
  private func sampleIndex(_ found: String) -> Int? {
    guard let number = found.split(separator: ".").first.flatMap({ Int($0) }),
      (1...count).contains(number), name(number - 1) == found
    else { return nil }
    return number - 1
  }

  /// Of the path without links and dots.
  private static func components(_ url: URL) -> [String] {
    url.absoluteURL.standardizedFileURL.resolvingSymlinksInPath().pathComponents
  }
}
