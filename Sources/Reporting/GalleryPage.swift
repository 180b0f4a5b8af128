import Datasets
import Files
import Foundation
import Imaging

/// A page that shows images before and after their translation, one over the other with a divider between them: one
/// HTML file that needs no other.
package struct GalleryPage {
  /// An image's file and its result's.
  package struct Pair: Sendable {
    let before: URL
    let after: URL

    package init(before: URL, after: URL) { (self.before, self.after) = (before, after) }
  }

  /// Of all images in the page together, in characters: what a browser opens without waiting.
  private static let mostCharacters = 40_000_000
  /// Of an image in the page, in pixels; it is shown at half of that, for screens with fine pixels.
  private static let mostSide = 720

  private struct ShownPair: Encodable {
    let name: String
    /// The result, from the page.
    let file: String
    /// URLs that hold the images.
    let before: String
    let after: String
    let width: Int
    let height: Int
  }

  private struct Content: Encodable {
    let title: String
    let model: String
    let pairs: [ShownPair]
    let leftOut: Int
  }

  /// Writes the page.
  ///
  /// - Parameters:
  ///   - pairs: shown in this order; those without an image in both files are left out, and where there are too many
  ///     for one page, those are shown that are spread over all.
  ///   - model: what translated them.
  ///   - reading: as the images were read.
  ///   - progress: called with pairs done and those in all.
  /// Throws `FileError` where the page cannot be written.
  package static func write(
    _ pairs: [Pair], model: String, to page: URL, reading: ReadOptions, workers: Int,
    progress: (_ done: Int, _ total: Int) -> Void
  ) throws {
    // From all over the list, so that what does not fit is nothing in particular.
    let order = SheetPreviews.spread(pairs.count)
    let reader = Prefetcher(0..<order.count, depth: 2 * workers, workers: workers) { place in
      shown(pairs[order[place]], page, reading)
    }
    var left = mostCharacters
    var found: [(place: Int, pair: ShownPair)] = []
    for (index, place) in order.enumerated() {
      if left <= 0 { break }
      if let pair = try reader.next() ?? nil {
        left -= pair.before.utf8.count + pair.after.utf8.count
        if left > 0 || found.isEmpty { found.append((place, pair)) }
      }
      progress(index + 1, order.count)
    }
    let content = Content(
      title: "Before and after", model: model,
      pairs: found.sorted { $0.place < $1.place }.map(\.pair), leftOut: pairs.count - found.count)
    try PageText.write(
      content, to: page, title: content.title,
      style: PageText.text(PackageResources.report_css)
        + PageText.text(PackageResources.gallery_css),
      script: PageText.text(PackageResources.gallery_js),
      without: "This page shows its images with JavaScript.")
  }

  /// nil where one of the images cannot be read or has no colors that a page shows.
  private static func shown(_ pair: Pair, _ page: URL, _ reading: ReadOptions) -> ShownPair? {
    guard let before = try? ImageFile.read(from: pair.before, options: reading).image,
      let after = try? ImageFile.read(from: pair.after, options: reading).image,
      before.canConvert(toChannels: 3), after.canConvert(toChannels: 3)
    else { return nil }
    // Both at the result's size: it may have been asked for.
    let scale = min(1, Double(mostSide) / Double(max(after.height, after.width)))
    let sides = [after.height, after.width].map { max(1, Int((Double($0) * scale).rounded())) }
    let urls = [before, after].map { image in
      SheetPreviews.url(
        holding: image.withBitDepth(8).converted(toChannels: 3)
          .resized(height: sides[0], width: sides[1]), quality: 85)
    }
    guard let first = urls[0], let second = urls[1] else { return nil }
    return ShownPair(
      name: pair.after.lastPathComponent, file: PageText.path(from: page, to: pair.after),
      before: first, after: second, width: sides[1], height: sides[0])
  }
}
