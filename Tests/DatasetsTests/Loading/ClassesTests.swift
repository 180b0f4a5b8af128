import Files
import Foundation
import TestSupport
import Testing

@testable import Datasets

/// The classes of a source's images, and what a training by classes asks of them.
struct ClassesTests {
  /// Folders with so many images each, in the order of the names.
  private func withSource(
    _ counts: [String: Int], _ body: (ImageSource) throws -> Void
  ) throws {
    try withTemporaryFolder { root in
      for (name, count) in counts {
        try writeImages(
          count, to: name.isEmpty ? root : root.appendingPathComponent(name), height: 4, width: 4,
          channels: 1)
      }
      try body(ImageSource(at: root, class: nil, strict: false, workers: 2))
    }
  }

  @Test func foldersAreClasses() throws {
    try withSource(["b": 2, "a": 3]) { source in
      #expect(source.classNames == ["a", "b"])
      #expect((0..<5).map(source.label) == [0, 0, 0, 1, 1])
    }
  }

  /// The labels 3 and 7 are the places 0 and 1 of the classes.
  @Test func labelsArePlacesOfClasses() throws {
    try withTemporaryFolder { root in
      try write(
        [
          "train-images-idx3-ubyte": idx([4, 1, 1], [1, 2, 3, 4]),
          "train-labels-idx1-ubyte": idx([4], [7, 3, 3, 7]),
        ], in: root)
      let source = try ImageSource(at: root, class: nil, strict: false, workers: 1)
      #expect(source.classNames == ["3", "7"])
      #expect((0..<4).map(source.label) == [1, 0, 0, 1])
      let sevens = try ImageSource(at: root, class: "7", strict: false, workers: 1)
      #expect((0..<2).map(sevens.label) == [1, 1])
    }
  }

  private func reason(_ counts: [String: Int], batch: Int = 2, first: Int? = nil) throws -> String {
    var reason = ""
    try withSource(counts) { source in
      do throws(FileError) {
        try source.checkClasses(
          ofFirst: first ?? source.count, batchSize: batch, use: "--condition cgan", path: "data")
      } catch {
        reason = error.reason
      }
    }
    return reason
  }

  @Test func whatIsAskedOfClasses() throws {
    #expect(try reason(["a": 2, "b": 2]) == "")
    let advice = "; give each class a folder in it, with the images of that class"
    #expect(
      try reason(["": 3]) == "--condition cgan needs classes, and there are none" + advice)
    #expect(
      try reason(["a": 3])
        == "--condition cgan needs two classes or more, and there is only 'a'" + advice)
    #expect(
      try reason(["": 2, "a": 2, "b": 2])
        == "2 images in no class, which --condition cgan needs" + advice)
    // A batch of 6 has 3 of each of two classes on average.
    #expect(try reason(["a": 3, "b": 3], batch: 6) == "")
    #expect(
      try reason(["a": 3, "b": 2], batch: 6)
        == "the class 'b' has 2 images; --condition cgan needs 3, as many as a batch of 6 would have of each of 2 "
        + "classes; add some or lower --batch-size")
    // The first three images are all of one class.
    #expect(
      try reason(["a": 3, "b": 3], first: 3)
        == "the class 'b' has 0 images among the first 3 of 6, which --max-images leaves; --condition cgan needs 1, "
        + "as many as a batch of 2 would have of each of 2 classes; raise --max-images"
    )
  }

  @Test func labelsAreBalancedAndDrawnFromTheSeed() throws {
    try withSource(["a": 9, "b": 4, "c": 9]) { source in
      func told(_ wanted: Int, seed: UInt64 = 1) throws -> [Int] {
        try source.toldImages(wanted, ofFirst: source.count, seed: seed, path: "data")
      }
      let chosen = try told(8)
      #expect(chosen == chosen.sorted())
      #expect(Set(chosen).count == 8)
      // Two for each, and one more for the first two.
      #expect((0..<3).map { label in chosen.count { source.label(at: $0) == label } } == [3, 3, 2])
      #expect(try told(8) == chosen)
      #expect(try told(8, seed: 2) != chosen)
      #expect(
        try source.toldImages(nil, ofFirst: 22, seed: 1, path: "data") == Array(0..<22))
      func reason(_ wanted: Int) -> String? {
        do { _ = try told(wanted) } catch { return (error as? FileError)?.reason }
        return nil
      }
      #expect(reason(23) == "--labels 23 is more than its 22 images")
      #expect(reason(2) == "--labels 2 is less than one for each of its 3 classes")
      #expect(reason(15) == "--labels 15 takes 5 of each class, and 'b' has 4 images")
    }
  }

  /// Each sample of an epoch has an image of the list beside it, all of them as often as the others, with its class.
  @Test func toldImagesComeWithTheSamples() throws {
    try withSource(["a": 4, "b": 4]) { source in
      var dataset = SquareDataset(
        source, size: 4, channels: 1, maximumCount: nil, seed: 5, strict: true)
      #expect(try dataset.samples(ofEpoch: 1)(0).labeled == nil)
      dataset.toldImages = [1, 6]
      let told = try [1, 6].map { try source.image(at: $0) }
      let samples = try (0..<8).map { try dataset.samples(ofEpoch: 1)($0) }
      for sample in samples {
        let labeled = try #require(sample.labeled)
        #expect(told[labeled.label] == labeled.image)
      }
      #expect(samples.count { $0.labeled?.label == 0 } == 4)
      let labels = samples.map(\.label)
      #expect(labels.count { $0 == 0 } == 4)
      for sample in samples {
        let place = try #require((0..<8).first { try source.image(at: $0) == sample.image })
        // Both folders have the same images.
        #expect(place < 4)
      }
    }
  }

  /// The place of 'all' is the name of another, and so is the number behind all places.
  @Test func everyClassOfAModelHasANumberOfItsOwn() throws {
    let classes = ClassNames(["0", "4", "all", "2"])
    #expect(try ["0", "4", "5", "2"].map { try classes.place(of: $0, path: "m") } == [0, 1, 2, 3])
    let found = classes.numbers(named: "ALL")
    #expect(found.map(\.name) == ["all"] && found.map(\.number) == [5])
    #expect(classes.numbers(named: "dog").isEmpty)
  }

  @Test func classesOfAModelAreNamed() throws {
    let classes = ClassNames(["cat", "Dog", "7"])
    #expect(try classes.place(of: "dog", path: "m") == 1)
    #expect(try classes.place(of: "0", path: "m") == 0)
    #expect(try classes.place(of: "7", path: "m") == 2)
    let error = #expect(throws: FileError.self) { try classes.place(of: "2", path: "m") }
    #expect(error?.reason == "there is no class '2'; there are 'cat', 'Dog' and '7'")
  }
}
