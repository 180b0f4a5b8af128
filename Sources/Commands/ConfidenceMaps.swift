import Datasets
import Files
import Foundation
import Imaging
import Torch
import Translation
import Wording

/// What a run's discriminator thinks of translated images, as images in a folder.
struct ConfidenceMaps {
  private struct Map: Sendable {
    let result: URL
    let file: URL
  }

  private let judge: DomainJudge
  private let maps: [Map]
  private let options: TranslateOptions

  /// Finds out before the work what would keep it from being done.
  ///
  /// A map has the path of its result, and is a PNG; with the result's own extension before that where two would have
  /// one path.
  /// Throws `FileError`, and what loading the discriminator throws.
  init(
    of jobs: [TranslationJob], in folder: URL, _ options: TranslateOptions, on device: Device
  ) throws {
    self.options = options
    let root = URL(fileURLWithPath: options.output).standardizedFileURL.path + "/"
    let paths = jobs.map { job in
      let path = job.output.standardizedFileURL.path
      return path.hasPrefix(root)
        ? String(path.dropFirst(root.count)) : job.output.lastPathComponent
    }
    let stems = Dictionary(grouping: paths) { ($0 as NSString).deletingPathExtension }
    maps = zip(jobs, paths).map { job, path in
      let stem = (path as NSString).deletingPathExtension
      let name = stems[stem]!.count == 1 ? stem : path
      return Map(result: job.output, file: folder.appendingPathComponent("\(name).png"))
    }
    let results = Set(
      jobs.flatMap { [$0.input, $0.output] }.map { $0.resolvingSymlinksInPath().path })
    for map in maps {
      if results.contains(map.file.resolvingSymlinksInPath().path) {
        throw FileError(
          path: map.file.relativePath,
          reason: "this is an image or its result; choose another folder for --confidence")
      }
      if !options.overwrite, !options.skipExisting, FileKind(of: map.file) != nil {
        throw FileError(
          path: map.file.relativePath,
          reason: "it exists already; use --skip-existing or --overwrite")
      }
    }
    judge = try DomainJudge(
      at: URL(fileURLWithPath: options.models[0]), direction: options.direction,
      epoch: options.epoch, on: device)
  }

  /// Judges the results that are there.
  ///
  /// - Returns: the number of those that could not be judged.
  func write(_ console: Console) throws -> Int {
    let wanted = maps.filter { map in
      FileKind(of: map.result) == .file
        && (options.overwrite || !options.skipExisting || FileKind(of: map.file) == nil)
    }
    console.notice("judging \(counted(wanted.count, "result")) with \(judge.file.relativePath)")
    let workers = options.workers.count
    let reading = options.settings.reading
    let reader = Prefetcher(0..<wanted.count, depth: 2 * workers, workers: workers) { index in
      Result { () throws(FileError) in
        try ImageFile.read(from: wanted[index].result, options: reading)
      }
    }
    var display = ProgressDisplay(console: console, linesEvery: 100)
    var failures = 0
    for (index, map) in wanted.enumerated() {
      do {
        guard let read = try reader.next() else { break }
        let image = try judge.opinion(of: read.get().image, path: map.result.relativePath)
        try makeFolder(at: map.file.deletingLastPathComponent())
        try ImageFile(image: image, format: .png).write(to: map.file)
        console.result(map.file.relativePath)
      } catch let error as FileError {
        failures += 1
        console.warning("\(error)")
      }
      display.advance(
        [.init(name: "judged", done: index + 1, total: wanted.count)], units: 1)
    }
    display.finish()
    return failures
  }
}
