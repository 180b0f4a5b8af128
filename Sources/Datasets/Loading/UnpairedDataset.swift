import Files
import Foundation
import Imaging

/// One image of each domain, ready for the networks.
package struct UnpairedSample: Sendable {
  package let a: Image
  package let b: Image
  /// Files that cannot be used any more; the next ones in order took their place.
  package let skipped: [FileError]
}

/// Two folders of images without pairs.
///
/// What an epoch shows is decided by (seed, epoch, position) alone: not by the number of workers, and not
/// by whether the run was resumed.
package struct UnpairedDataset: Sendable {
  /// The images of one side and what happens to them.
  package struct Domain: Sendable {
    package let images: [ImagePage]
    package let preprocessing: Preprocessing
    let loader: ImageLoader

    /// Traps on an empty list.
    package init(
      images: [ImagePage], preprocessing: Preprocessing,
      cache: ImageCache = ImageCache(capacity: 0)
    ) {
      precondition(!images.isEmpty, "a domain without images")
      self.images = images
      self.preprocessing = preprocessing
      loader = ImageLoader(preparation: preprocessing, cache: cache)
    }
  }

  let a: Domain
  let b: Domain
  let seed: UInt64
  let serial: Bool
  let strict: Bool
  /// Samples in an epoch.
  package let count: Int

  /// - Parameters:
  ///   - serial: both sides in sorted order instead of shuffled.
  ///   - strict: a file that does not decode ends the run.
  ///   - epochSize: samples in an epoch; `nil` takes as many as the larger side has images.
  package init(
    a: Domain, b: Domain, seed: UInt64, serial: Bool, strict: Bool, epochSize: Int? = nil
  ) {
    self.a = a
    self.b = b
    self.seed = seed
    self.serial = serial
    self.strict = strict
    count = epochSize ?? max(a.images.count, b.images.count)
  }

  /// The samples of one epoch, counted from 1.
  ///
  /// Both sides are shuffled on their own and repeated to the same length, so that every image of
  /// both is shown; the reference draws B anew each time and misses about a third of it.
  package func epoch(_ epoch: Int) -> Epoch {
    Epoch(dataset: self, epoch: epoch, orderA: order(a, epoch, 0), orderB: order(b, epoch, 1))
  }

  private func order(_ domain: Domain, _ epoch: Int, _ side: UInt64) -> [Int] {
    let indices = (0..<max(count, domain.images.count)).map { $0 % domain.images.count }
    if serial { return Array(indices.prefix(count)) }
    var generator = SplitMix64(mixing: seed, UInt64(epoch), side)
    return Array(indices.shuffledByFisherYates(using: &generator).prefix(count))
  }

  package struct Epoch: Sendable {
    let dataset: UnpairedDataset
    let epoch: Int
    let orderA: [Int]
    let orderB: [Int]

    package var count: Int { orderA.count }

    /// Throws only for a strict data set, or where no image can be used at all.
    package func sample(at position: Int) throws(FileError) -> UnpairedSample {
      var skipped: [FileError] = []
      let a = try image(dataset.a, orderA[position], position, 2, &skipped)
      let b = try image(dataset.b, orderB[position], position, 3, &skipped)
      return UnpairedSample(a: a, b: b, skipped: skipped)
    }

    private func image(
      _ domain: Domain, _ start: Int, _ position: Int, _ side: UInt64,
      _ skipped: inout [FileError]
    ) throws(FileError) -> Image {
      // A file may have changed since it was checked.
      let image = try firstUsable(
        of: domain.images.count, from: start, strict: dataset.strict, skipped: &skipped
      ) { (index) throws(FileError) in try domain.loader.image(domain.images[index]) }
      var generator = SplitMix64(mixing: dataset.seed, UInt64(epoch), UInt64(position), side)
      return domain.preprocessing.augmented(image, drawing: &generator)
    }
  }
}

extension UnpairedDataset.Domain {
  /// Images for sample sheets, at most `count`, from all over the folder, with the names of their files: in the
  /// shape of the files, without chance. Files that do not decode are passed over.
  package func samplingImages(from pages: [ImagePage], count: Int) -> [(name: String, image: Image)]
  {
    spreadImages(from: pages, count: count) { page, image in
      let layout = try? page.readLayout(preprocessing.reading)
      return preprocessing.forSampling(
        image, fileHeight: layout?.height ?? image.height, fileWidth: layout?.width ?? image.width)
    }.map { ($0.page.name, $0.image) }
  }

  /// Images to measure networks on, at most `count`, from all over the folder: as they are in training before
  /// they are cut. Files that cannot be used are passed over.
  package func measuredImages(from pages: [ImagePage], count: Int) -> [Image] {
    spreadImages(from: pages, count: count) { _, image in
      preprocessing.crops && min(image.height, image.width) < preprocessing.cropSize ? nil : image
    }.map(\.image)
  }

  /// - Parameter make: `nil` for an image that another one takes the place of.
  private func spreadImages(
    from pages: [ImagePage], count: Int, _ make: (_ page: ImagePage, _ prepared: Image) -> Image?
  ) -> [(page: ImagePage, image: Image)] {
    let spread = (0..<min(count, pages.count)).map { $0 * pages.count / min(count, pages.count) }
    let others = pages.indices.filter { !spread.contains($0) }
    var found: [(index: Int, image: Image)] = []
    for index in spread + others where found.count < count {
      guard let prepared = try? loader.image(pages[index]),
        let image = make(pages[index], prepared)
      else { continue }
      found.append((index, image))
    }
    return found.sorted { $0.index < $1.index }.map { (pages[$0.index], $0.image) }
  }
}

extension Array {
  /// Fisher and Yates' shuffle, written out because the standard library's may change between versions,
  /// and a run has to resume with the next one.
  func shuffledByFisherYates(using generator: inout SplitMix64) -> [Element] {
    var result = self
    for last in stride(from: result.count - 1, to: 0, by: -1) {
      result.swapAt(last, Int(generator.next() % UInt64(last + 1)))
    }
    return result
  }
}
