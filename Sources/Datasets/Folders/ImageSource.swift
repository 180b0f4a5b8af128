import Files
import Foundation
import Imaging
import Torch
import Wording

/// Images to learn from, whatever they are stored as: found by looking.
package struct ImageSource: Sendable {
  package enum Kind: Sendable {
    /// Image files; the folders directly in it are the classes.
    case folder
    /// IDX files, as MNIST comes in.
    case mnist
    /// The batches of CIFAR-10's binary version.
    case cifar10
  }

  private enum Images: Sendable {
    case files([ImagePage], labels: [Int?])
    /// Those at the given places.
    case packed(PackedImages, LabeledImages.Places, labels: [UInt8]?)
  }

  package let kind: Kind
  /// One line for the user: "MNIST, 60,000 images of 28x28, 1 channel, 10 classes".
  package let summary: String
  /// Of all the classes there are, in the order of their numbers; empty where there are none.
  package let classNames: [String]
  /// 1 for MNIST, 3 for CIFAR-10, `nil` for a folder, whose files may differ.
  package let channels: Int?
  /// The side of the images in pixels: 28 for MNIST, 32 for CIFAR-10; `nil` where they differ or are
  /// not square.
  package let nativeSize: Int?
  /// What was left out and why, a line each.
  package let warnings: [String]
  /// What to know about images that are used, a line each.
  package let remarks: [String]
  /// Whether any image has more than 8 bits.
  package let isDeep: Bool
  private let images: Images
  let reading: ReadOptions
  /// The numbers that the labels of MNIST and CIFAR-10 have for the classes, with the classes' places.
  private let placesOfLabels: [Int: Int]

  package var count: Int {
    switch images {
    case .files(let images, _): images.count
    case .packed(_, let places, _): places.count
    }
  }

  /// The place in `classNames` of an image's class; `nil` for an image without one. Traps if the index is not in
  /// `0..<count`.
  package func label(at index: Int) -> Int? {
    switch images {
    case .files(_, let labels): labels[index]
    case .packed(_, let places, let labels):
      labels.flatMap { placesOfLabels[Int($0[places[index]])] }
    }
  }

  /// Finds out what a folder holds, reads MNIST's and CIFAR-10's files, and decodes image files once.
  ///
  /// - Parameters:
  ///   - class: takes only the images of one class: its name in any letter case, or its number. That
  ///     is the label in MNIST and CIFAR-10, and in a folder what `ClassNames` gives the sorted names.
  ///   - strict: makes an image file that is broken or of a kind that cannot be read an error, instead of
  ///     leaving it out.
  ///   - workers: how many image files are decoded at the same time; at least 1.
  ///   - reading: which image files are taken; the size that is needed is filled in for each.
  ///   - processes: decode the same files, and share the work.
  ///   - progress: called with the image files decoded and those to be decoded in all.
  ///   - shouldStop: asked ten times a second while image files are decoded.
  /// Throws `FileError` if there are no images, if a file is damaged or contradicts another, and if
  /// there is no such class; the error names the file or folder. Throws `CancellationError` once
  /// `shouldStop` is true.
  package init(
    at url: URL, class name: String?, strict: Bool, workers: Int,
    reading: ReadOptions = ReadOptions(), processes: ProcessGroup? = nil,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in },
    shouldStop: () -> Bool = { false }
  ) throws {
    switch try ImageStorage(lookingInto: url) {
    case .mnist(let files):
      try self.init(.mnist, try files.read(), of: url, class: name)
    case .cifar10(let batches):
      try self.init(.cifar10, try batches.read(), of: url, class: name)
    case .images(let folder):
      let found = try FolderImages(
        in: folder, class: name, strict: strict, workers: workers, reading: reading,
        processes: processes, progress: progress, shouldStop: shouldStop)
      self.init(found, reading, path: url.relativePath)
    }
  }

  /// An image, or where it is read from each time.
  enum Stored {
    case file(ImagePage)
    case memory(Image)
  }

  /// Traps if the index is not in `0..<count`.
  func stored(at index: Int) -> Stored {
    switch images {
    case .files(let images, _): .file(images[index])
    case .packed(let packed, let places, _): .memory(packed.image(at: places[index]))
    }
  }

  /// An image as it is stored: 8 bits of 1 channel for MNIST and 3 for CIFAR-10; for a folder, what the
  /// file decodes to, which can have alpha or 16 bits.
  ///
  /// - Parameter minimumSize: lets a large JPEG come smaller, but with neither side below this, in pixels;
  ///   `nil` asks for its own size.
  /// Throws if a file does not decode any more. Traps if the index is not in `0..<count`.
  package func image(at index: Int, minimumSize: Int? = nil) throws(FileError) -> Image {
    switch stored(at: index) {
    case .memory(let image): return image
    case .file(let page):
      var options = reading
      options.minimumHeight = minimumSize
      options.minimumWidth = minimumSize
      return try page.read(options).image
    }
  }

  /// The size and channels, without alpha, that `image(at:)` has, without decoding it.
  func layout(
    at index: Int
  ) throws(FileError) -> (height: Int, width: Int, colors: Int) {
    switch images {
    case .packed(let packed, _, _):
      return (packed.layout.height, packed.layout.width, packed.layout.channels)
    case .files(let images, _):
      let layout = try images[index].readLayout(reading)
      return (layout.height, layout.width, layout.colors)
    }
  }

  private init(
    _ kind: Kind, _ found: LabeledImages, of url: URL, class wanted: String?
  ) throws(FileError) {
    let chosen = try found.choose(wanted, of: url.relativePath)
    let layout = found.images.layout
    let words = [
      kind == .mnist ? "MNIST" : "CIFAR-10",
      "\(counted(chosen.places.count, "image")) of \(layout.width)x\(layout.height)",
      counted(layout.channels, "channel"),
      classWords(found.classes.count, chosen.class?.name) ?? "no labels",
    ]
    self.kind = kind
    summary = words.joined(separator: ", ")
    classNames = found.classes.map(\.name)
    channels = layout.channels
    nativeSize = layout.height == layout.width ? layout.height : nil
    warnings = found.warnings
    remarks = []
    isDeep = false
    images = .packed(found.images, chosen.places, labels: found.labels)
    placesOfLabels = Dictionary(
      uniqueKeysWithValues: found.classes.enumerated().map { ($1.number, $0) })
    reading = ReadOptions()
  }

  private init(_ found: FolderImages, _ reading: ReadOptions, path: String) {
    let words = [
      "folder of \(counted(found.images.count, "image"))",
      classWords(found.classes.count, found.chosen?.name),
    ].compactMap { $0 }
    kind = .folder
    summary = words.joined(separator: ", ")
    classNames = found.classes.map(\.name)
    channels = nil
    nativeSize = nil
    let foreign = found.foreign.summary(
      used: Set(found.images.map(\.file)).count, broken: found.skipped.count)
    warnings =
      found.skipped.map { "\($0.description); left out" }
      + (foreign.map { ["\(path): \($0)"] } ?? [])
    remarks = found.remarks
    isDeep = found.isDeep
    images = .files(found.images, labels: found.labels)
    placesOfLabels = [:]
    self.reading = reading
  }
}

extension ImageSource {
  /// Whether images are gray, and a typical shorter side in pixels, from the headers of some of them.
  ///
  /// A source of files is looked at in at most `samples` places, evenly spread. Files that are no images any
  /// more are passed over; without any that is one, the answer is color and 64.
  package func typicalImage(samples: Int = 100) -> (channels: Int, side: Int) {
    let looked = min(count, samples)
    let layouts = (0..<looked).compactMap { try? layout(at: $0 * count / looked) }
    let sides = layouts.map { min($0.height, $0.width) }.sorted()
    guard !sides.isEmpty else { return (3, 64) }
    let isGray = layouts.allSatisfy { $0.colors == 1 }
    return (channels ?? (isGray ? 1 : 3), nativeSize ?? sides[sides.count / 2])
  }
}

/// "10 classes" or "class frog"; `nil` where there are no classes.
private func classWords(_ count: Int, _ chosen: String?) -> String? {
  if let chosen { return "class \(chosen)" }
  return count == 0 ? nil : counted(count, "class", plural: "classes")
}
