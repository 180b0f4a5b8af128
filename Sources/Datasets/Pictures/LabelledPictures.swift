/// What MNIST's and CIFAR-10's files hold.
struct LabelledPictures: Sendable {
  let pictures: PackedPictures
  /// One for each picture: the number of its class; `nil` where the labels are not there.
  let labels: [UInt8]?
  /// Every class there is.
  let classes: [PictureClass]
  /// What the user should know, a line each.
  let warnings: [String]

  /// The places of a class's pictures, or of all where none is wanted.
  ///
  /// Throws if the class does not exist or has no pictures.
  func choose(
    _ wanted: String?, of path: String
  ) throws(DatasetError) -> (class: PictureClass?, places: [Int]) {
    guard let wanted else { return (nil, Array(0..<pictures.count)) }
    guard let labels else {
      throw DatasetError(
        path: path, reason: "there are no labels, so that the class '\(wanted)' cannot be picked")
    }
    let chosen = try PictureClass.find(wanted, among: classes, of: path)
    let places = labels.indices.filter { labels[$0] == chosen.number }
    if places.isEmpty {
      throw DatasetError(path: path, reason: "no image is of the class '\(chosen.name)'")
    }
    return (chosen, places)
  }
}
