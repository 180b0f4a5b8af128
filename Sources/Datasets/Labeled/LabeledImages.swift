import Files
import Machine
import Wording

/// What MNIST's and CIFAR-10's files hold.
struct LabeledImages: Sendable {
  let images: PackedImages
  /// One for each image: the number of its class; `nil` where the labels are not there.
  let labels: [UInt8]?
  /// Every class there is.
  let classes: [ImageClass]
  /// What the user should know, a line each.
  let warnings: [String]

  /// Where the images are that are taken.
  enum Places: Sendable, Equatable {
    case all(Range<Int>)
    case some([Int])

    var count: Int {
      switch self {
      case .all(let range): range.count
      case .some(let places): places.count
      }
    }

    /// Traps if the index is not in `0..<count`.
    subscript(index: Int) -> Int {
      switch self {
      case .all(let range): range[range.startIndex + index]
      case .some(let places): places[index]
      }
    }
  }

  /// The places of a class's images, or of all where none is wanted.
  ///
  /// Throws if the class does not exist or has no images.
  func choose(
    _ wanted: String?, of path: String
  ) throws(FileError) -> (class: ImageClass?, places: Places) {
    guard let wanted else { return (nil, .all(0..<images.count)) }
    guard let labels else {
      throw FileError(
        path: path, reason: "there are no labels, so that the class '\(wanted)' cannot be picked")
    }
    let chosen = try ImageClass.find(wanted, among: classes, of: path)
    let count = labels.reduce(0) { $1 == chosen.number ? $0 + 1 : $0 }
    if count == 0 {
      throw FileError(path: path, reason: "no image is of the class '\(chosen.name)'")
    }
    guard memorySuffices(forBytes: count * MemoryLayout<Int>.size) else {
      throw FileError(
        path: path, reason: "not enough memory for the places of \(counted(count, "image"))")
    }
    var places: [Int] = []
    places.reserveCapacity(count)
    for (place, label) in labels.enumerated() where label == chosen.number { places.append(place) }
    return (chosen, .some(places))
  }
}
