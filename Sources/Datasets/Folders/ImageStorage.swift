import Files
import Foundation
import Imaging

/// What the images of a folder are stored as.
enum ImageStorage {
  case images(ImageFolder)
  case mnist(MNISTFiles)
  case cifar10(CIFAR10Batches)

  /// Looks into a folder, and for MNIST's and CIFAR-10's files also where their archives and PyTorch's
  /// downloads put them.
  ///
  /// Files with the names of MNIST or CIFAR-10 decide, also beside images: nobody has them by accident,
  /// while sample sheets are often saved beside them. Without such names, image files come first, and
  /// only a folder without any is searched for files with MNIST's or CIFAR-10's content.
  ///
  /// Throws if the folder is missing, cannot be read, holds nothing of the three, or both MNIST and
  /// CIFAR-10.
  /// - Parameter takesTests: whether MNIST's or CIFAR-10's test files do where those for training are not there.
  init(lookingInto folder: URL, takesTests: Bool = false) throws(FileError) {
    let mnistListings = Self.listings(folder, ["raw", "MNIST/raw"])
    let cifarListings = Self.listings(folder, [CIFAR10Batches.folderName])
    let mnist = try Self.first(in: mnistListings) { listing throws(FileError) in
      try MNISTFiles(named: listing, takesTests: takesTests)
    }
    let cifar = try Self.first(in: cifarListings) {
      CIFAR10Batches(named: $0, takesTests: takesTests)
    }
    if let found = try Self.one(of: mnist, cifar, in: folder) {
      self = found
      return
    }
    let images = try ImageFolder(scanningForAny: folder)
    if !images.paths.isEmpty {
      self = .images(images)
      return
    }
    let namelessMNIST = try Self.first(in: mnistListings) { listing throws(FileError) in
      try MNISTFiles(lookingInto: listing)
    }
    let namelessCIFAR = try Self.first(in: cifarListings) { CIFAR10Batches(lookingInto: $0) }
    guard let found = try Self.one(of: namelessMNIST, namelessCIFAR, in: folder) else {
      throw FileError(
        path: folder.relativePath, reason: Self.lack(of: folder) + images.foreign.exception)
    }
    self = found
  }

  private static func lack(of folder: URL) -> String {
    for listing in listings(folder, ["cifar-10-batches-py"]) {
      guard let pickle = listing.file(named: ["data_batch_1"]) else { continue }
      return "\(pickle.lastPathComponent) is of CIFAR-10's version for Python; "
        + "only the binary version can be read"
    }
    return
      "the folder holds no \(ImageFormat.extensionWords) files, no IDX files and no CIFAR-10 batches"
  }

  private static func listings(_ folder: URL, _ below: [String]) -> [FolderListing] {
    ([folder] + below.map { folder.appendingPathComponent($0) }).compactMap { FolderListing($0) }
  }

  private static func first<Found>(
    in listings: [FolderListing], _ find: (FolderListing) throws(FileError) -> Found?
  ) throws(FileError) -> Found? {
    for listing in listings {
      if let found = try find(listing) { return found }
    }
    return nil
  }

  private static func one(
    of mnist: MNISTFiles?, _ cifar: CIFAR10Batches?, in folder: URL
  ) throws(FileError) -> ImageStorage? {
    switch (mnist, cifar) {
    case (let mnist?, nil): return .mnist(mnist)
    case (nil, let cifar?): return .cifar10(cifar)
    case (nil, nil): return nil
    case (_?, _?):
      throw FileError(
        path: folder.relativePath,
        reason: "holds both IDX files and CIFAR-10 batches; name the folder of one of them")
    }
  }
}
