import Datasets
import Files
import Imaging
import Wording

extension Translator {
  /// Translates the images of one file, its pages, one after another into one file, which has its name when all of
  /// them are there.
  ///
  /// - Parameters:
  ///   - shouldStop: asked between pages; nothing is written then.
  ///   - report: called with notices and progress.
  /// - Returns: whether it was not stopped. Throws for the first page that cannot be translated.
  func translatePages(
    _ job: TranslationJob, _ times: inout TranslationTimes, shouldStop: () -> Bool,
    report: (TranslationEvent) -> Void
  ) throws(FileError) -> Bool {
    let places = try ImageFile.places(in: job.input, options: settings.reading)
    let count = places.count
    let format = job.format ?? .tiff
    guard format == .tiff else {
      throw FileError(
        path: job.input.relativePath,
        reason: "has \(counted(count, "page")), and a \(format.name) holds one image; "
          + "--format tiff writes all")
    }
    let pages = places.map { Page(of: self, job, $0, among: count) }
    var pixelBytes = 0
    for page in pages {
      if shouldStop() { return false }
      pixelBytes += try page.resultBytes()
    }
    try ResultWriter.makeFolder(of: job)
    let stack = try ImageStackFile(
      at: job.output, count: count, pixelBytes: pixelBytes, options: settings.writing)
    for page in pages {
      if shouldStop() { return false }
      try stack.add(page.translated(&times, report))
    }
    try stack.commit()
    return true
  }
}

/// A page of a file on its way through the network.
private struct Page {
  private let translator: Translator
  private let job: TranslationJob
  private let number: Int
  private let count: Int

  init(of translator: Translator, _ job: TranslationJob, _ place: ImagePlace, among count: Int) {
    self.translator = translator.reading(place)
    (self.job, number, self.count) = (job, place.number, count)
  }

  private func naming<Result>(
    _ body: () throws(FileError) -> Result
  ) throws(FileError) -> Result {
    do throws(FileError) { return try body() } catch {
      throw FileError(path: error.path, reason: "page \(number + 1): \(error.reason)")
    }
  }

  /// Of the result's pixels, at most.
  func resultBytes() throws(FileError) -> Int {
    try naming { () throws(FileError) in try translator.resultBytes(of: job) }
  }

  /// The page's result.
  func translated(
    _ times: inout TranslationTimes, _ report: (TranslationEvent) -> Void
  ) throws(FileError) -> ImageFile {
    let result = try naming { () throws(FileError) in
      try translator.translateAlone(job, &times) { event in
        switch event {
        case .notice(let job, let words): report(.notice(job, "page \(number + 1): \(words)"))
        case .progress(let job, let part):
          report(.progress(job, (Double(number) + part) / Double(count)))
        case .written, .failed: break
        }
      }
    }
    report(.progress(job, Double(number + 1) / Double(count)))
    return result
  }
}
