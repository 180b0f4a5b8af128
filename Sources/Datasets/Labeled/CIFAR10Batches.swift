import Files
import Foundation
import Imaging
import Machine
import Wording

/// The files of CIFAR-10's binary version: records of a label from 0 to 9 and 32x32 pixels, first the red
/// ones row by row, then the green and the blue ones.
///
/// The test batch is used where it is asked for and is alone. Source: Krizhevsky, The CIFAR-10 dataset, "Binary
/// version".
struct CIFAR10Batches: Sendable {
  /// Where the archive puts the files.
  static let folderName = "cifar-10-batches-bin"
  static let layout = PackedImages.Layout(height: 32, width: 32, channels: 3, prefix: 1)
  private static let metaName = "batches.meta.txt"
  private static let batchNames = (1...5).map { "data_batch_\($0).bin" }
  private static let testName = "test_batch.bin"
  private static let knownClassNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  let batches: [URL]
  /// `nil` where it is missing.
  let meta: URL?
  /// The names of batches that are missing beside others.
  let missing: [String]

  /// Finds the batches by their names; `nil` if there are none.
  /// - Parameter takesTests: whether the test batch does where there are no others.
  init?(named listing: FolderListing, takesTests: Bool = false) {
    let found = Self.batchNames.map { listing.file(named: [$0]) }
    meta = listing.file(named: [Self.metaName])
    if takesTests, found.allSatisfy({ $0 == nil }), let test = listing.file(named: [Self.testName])
    {
      (batches, missing) = ([test], [])
      return
    }
    batches = found.compactMap { $0 }
    guard !batches.isEmpty else { return nil }
    missing = zip(Self.batchNames, found).filter { $0.1 == nil }.map(\.0)
  }

  /// One batch alone; `nil` if a file does not look like one.
  init?(batch: URL) {
    guard Self.looksLikeABatch(batch) else { return nil }
    (batches, missing) = ([batch], [])
    meta = FolderListing(batch.deletingLastPathComponent())?.file(named: [Self.metaName])
  }

  /// Finds the batches by what is in them: whole records with labels from 0 to 9; `nil` if there are none.
  /// Names with `test` in them are passed over.
  init?(lookingInto listing: FolderListing) {
    let training = listing.files.filter { !$0.lastPathComponent.lowercased().contains("test") }
    batches = training.filter(Self.looksLikeABatch)
    guard !batches.isEmpty else { return nil }
    missing = []
    meta = listing.file(named: [Self.metaName])
  }

  /// Reads the batches. There are ten classes, whether they occur or not; their names are the meta file's,
  /// or the well-known ones where it is missing.
  ///
  /// Throws for batches that are no whole records or have other labels, and for a meta file without ten
  /// names.
  /// - Parameter available: bytes of memory that may be taken; `nil` where that is not known.
  func read(available: Int? = availableMemory()) throws(FileError) -> LabeledImages {
    let names = try classNames()
    let bytes = try readRecords(available)
    let recordSize = Self.layout.recordSize
    let labels = stride(from: 0, to: bytes.count, by: recordSize).map { bytes[$0] }
    let folder = batches[0].deletingLastPathComponent().relativePath
    let warnings =
      missing.isEmpty
      ? [] : ["\(folder): \(missing.joined(separator: ", ")) missing; the others are used"]
    return LabeledImages(
      images: PackedImages(layout: Self.layout, bytes: bytes), labels: labels,
      classes: names.enumerated().map { ImageClass(name: $1, number: $0) }, warnings: warnings)
  }

  private func classNames() throws(FileError) -> [String] {
    guard let meta else { return Self.knownClassNames }
    let file = try DataFile(meta)
    let text = String(decoding: try file.read(upTo: 1 << 16), as: UTF8.self)
    let names = text.split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    guard names.count == Self.knownClassNames.count else {
      throw file.error(
        "has \(counted(names.count, "class name")) where CIFAR-10 has \(Self.knownClassNames.count)"
      )
    }
    return names
  }

  private func readRecords(_ available: Int?) throws(FileError) -> [UInt8] {
    let files = try batches.map { url throws(FileError) in try DataFile(url) }
    let recordSize = Self.layout.recordSize
    var total = 0
    for file in files {
      guard file.storedSize.isMultiple(of: recordSize) else {
        throw file.error(
          "has \(counted(file.storedSize, "byte")), no multiple of the \(grouped(recordSize)) of an "
            + "image and its label")
      }
      let (sum, overflow) = total.addingReportingOverflow(file.storedSize)
      guard !overflow else {
        throw file.error("not enough memory for its \(grouped(file.storedSize)) bytes")
      }
      // A file is held beside the array that it is added to.
      try file.checkMemory(
        bytes: file.storedSize, beside: sum, images: sum / recordSize, available: available)
      total = sum
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(total)
    for file in files {
      let records = try file.read(upTo: file.storedSize)
      guard records.count == file.storedSize else {
        throw file.error("became shorter while it was read")
      }
      try Self.checkLabels(records, of: file)
      bytes += records
    }
    return bytes
  }

  private static func checkLabels(
    _ records: [UInt8], of file: DataFile
  ) throws(FileError) {
    let starts = stride(from: 0, to: records.count, by: layout.recordSize)
    guard let wrong = starts.first(where: { records[$0] >= knownClassNames.count }) else { return }
    throw file.error(
      "its image \(grouped(wrong / layout.recordSize + 1)) has the label \(records[wrong]); "
        + "CIFAR-10's are 0 to \(knownClassNames.count - 1)")
  }

  /// Whole records, of which the first hundred have labels from 0 to 9.
  private static func looksLikeABatch(_ url: URL) -> Bool {
    guard let file = try? RegularFile(url), file.size > 0,
      file.size.isMultiple(of: layout.recordSize)
    else { return false }
    let end = min(file.size, 100 * layout.recordSize)
    return stride(from: 0, to: end, by: layout.recordSize).allSatisfy { start in
      guard let label = try? file.read(at: start, count: 1).first else { return false }
      return label < knownClassNames.count
    }
  }
}
