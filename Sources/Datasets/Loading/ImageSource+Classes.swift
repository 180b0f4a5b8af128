import Files
import Wording

// What training by classes needs of a source.
extension ImageSource {
  /// Throws `FileError` unless the first images have two classes or more, each image one of them, and each class as
  /// many as a batch takes of it on average.
  ///
  /// - Parameters:
  ///   - count: images that are used.
  ///   - batchSize: images in one step.
  ///   - use: what the classes are for, such as "--condition cgan".
  package func checkClasses(
    ofFirst count: Int, batchSize: Int, use: String, path: String
  ) throws(FileError) {
    let advice: String
    switch kind {
    case .folder: advice = "; give each class a folder in it, with the images of that class"
    case .mnist: advice = "; the file of labels has to lie beside that of the images"
    case .cifar10: advice = ""
    }
    guard !classNames.isEmpty else {
      throw FileError(path: path, reason: "\(use) needs classes, and there are none\(advice)")
    }
    guard classNames.count > 1 else {
      throw FileError(
        path: path,
        reason: "\(use) needs two classes or more, and there is only '\(classNames[0])'\(advice)")
    }
    if let name = classNames.first(where: { !canBeName($0) }) {
      throw FileError(
        path: path,
        reason:
          "the class '\(printable(String(name.prefix(40))))' has control characters in its name, or more than "
          + "255 bytes; rename it")
    }
    var numbers: [String: Int] = [:]
    for (number, name) in classNames.enumerated() {
      if let other = numbers.updateValue(number, forKey: name) {
        throw FileError(
          path: path,
          reason:
            "the classes \(other) and \(number) are both called '\(name)', with accents encoded "
            + "otherwise; rename the folder of one of them, or put their images together")
      }
    }
    var counts = [Int](repeating: 0, count: classNames.count)
    var without = 0
    for index in 0..<count {
      if let label = label(at: index) { counts[label] += 1 } else { without += 1 }
    }
    // What is left out may be what is missing.
    let (cut, more) =
      count < self.count
      ? (
        " among the first \(grouped(count)) of \(grouped(self.count)), which --max-images leaves",
        "raise --max-images"
      )
      : ("", "add some")
    if without > 0 {
      throw FileError(
        path: path,
        reason: "\(counted(without, "image")) in no class, which \(use) needs\(advice)")
    }
    let needed = max(1, batchSize / classNames.count)
    for (name, found) in zip(classNames, counts) where found < needed {
      let instead = found > 0 ? " or lower --batch-size" : ""
      throw FileError(
        path: path,
        reason:
          "the class '\(name)' has \(counted(found, "image"))\(cut); \(use) needs \(needed), as many as a batch of "
          + "\(batchSize) would have of each of \(classNames.count) classes; \(more)\(instead)")
    }
  }

  /// The places of images whose classes are told, in ascending order: as many of each class, drawn from the seed. A
  /// remainder goes to the first classes.
  ///
  /// - Parameters:
  ///   - wanted: how many; `nil` for all.
  ///   - count: images that are used, which have been checked.
  /// Throws `FileError` where there are not so many.
  package func toldImages(
    _ wanted: Int?, ofFirst count: Int, seed: UInt64, path: String
  ) throws(FileError) -> [Int] {
    guard let wanted else { return Array(0..<count) }
    guard wanted <= count else {
      throw FileError(
        path: path,
        reason: "--labels \(grouped(wanted)) is more than its \(counted(count, "image"))")
    }
    guard wanted >= classNames.count else {
      throw FileError(
        path: path,
        reason: "--labels \(grouped(wanted)) is less than one for each of its "
          + "\(classNames.count) classes")
    }
    var places = [[Int]](repeating: [], count: classNames.count)
    for index in 0..<count { if let label = label(at: index) { places[label].append(index) } }
    var chosen: [Int] = []
    for (number, own) in places.enumerated() {
      let share = wanted / places.count + (number < wanted % places.count ? 1 : 0)
      guard share <= own.count else {
        throw FileError(
          path: path,
          reason: "--labels \(grouped(wanted)) takes \(share) of each class, and '"
            + "\(classNames[number])' has \(counted(own.count, "image"))")
      }
      // A stream of its own: the samples' orders use 4 and 5.
      var generator = SplitMix64(mixing: seed, 6, UInt64(number))
      chosen += own.shuffledByFisherYates(using: &generator).prefix(share)
    }
    return chosen.sorted()
  }
}
