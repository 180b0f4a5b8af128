import Files
import Foundation
import Imaging

/// A run's sample sheets, small enough to stand in a page by the hundred.
struct SheetPreviews {
  struct Sheet: Encodable {
    /// "epoch 5" or "step 1200".
    let label: String
    /// Where the large one is, relative to the page; percent-encoded.
    let file: String
    /// The small one as a URL that holds it; `nil` where the page shows the file itself.
    var preview: String?
  }

  /// Of all previews of a page together, in characters.
  private static let mostCharacters = 3_500_000
  private static let mostWidth = 560

  /// Previews by path, with the date of the file that they were made of.
  private var known: [String: (date: Date, text: String)] = [:]

  /// The sheets of a run, oldest first. Those that do not fit into the page are shown from their files.
  ///
  /// - Parameters:
  ///   - folder: of the sheets.
  ///   - prefix: leads from the page to it, such as "samples/".
  mutating func sheets(in folder: URL, prefix: String, share: Int) -> [Sheet] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let dated = names.filter { $0.hasSuffix(".png") && !$0.hasPrefix(".") }.compactMap { name in
      Self.date(of: folder.appendingPathComponent(name)).map { (name: name, date: $0) }
    }
    let ordered = dated.sorted { ($0.date, $0.name) < ($1.date, $1.name) }
    var sheets = ordered.map { sheet in
      Sheet(label: Self.label(sheet.name), file: prefix + Self.percentEncoded(sheet.name))
    }
    var left = Self.mostCharacters / max(share, 1)
    // The newest matter most; then those that halve the gaps between them.
    for place in Self.spread(ordered.count) {
      let file = folder.appendingPathComponent(ordered[place].name)
      guard let text = preview(of: file, ordered[place].date), text.utf8.count <= left else {
        continue
      }
      left -= text.utf8.count
      sheets[place].preview = text
    }
    return sheets
  }

  /// All places from 0 to `count` - 1: the last, the first, the middle, the middles of the halves and so on.
  static func spread(_ count: Int) -> [Int] {
    guard count > 0 else { return [] }
    var found = [count - 1, 0]
    var gaps = [(0, count - 1)]
    while !gaps.isEmpty {
      gaps = gaps.flatMap { low, high -> [(Int, Int)] in
        guard high - low > 1 else { return [] }
        let middle = (low + high) / 2
        found.append(middle)
        return [(low, middle), (middle, high)]
      }
    }
    return count == 1 ? [0] : found
  }

  private mutating func preview(of file: URL, _ date: Date) -> String? {
    if let found = known[file.path], found.date == date { return found.text }
    guard let image = try? ImageFile.read(from: file).image.converted(toChannels: 3) else {
      return nil
    }
    let width = min(image.width, Self.mostWidth)
    let height = max(image.height * width / image.width, 1)
    let small = width == image.width ? image : image.resized(height: height, width: width)
    guard let text = Self.url(holding: small, quality: 75) else { return nil }
    known[file.path] = (date, text)
    return text
  }

  /// A URL that holds an image, gray or RGB, as a JPEG.
  static func url(holding image: Image, quality: Int) -> String? {
    var options = WriteOptions()
    options.quality = quality
    guard let bytes = try? ImageFile(image: image, format: .jpeg).encoded(options: options) else {
      return nil
    }
    return "data:image/jpeg;base64," + Data(bytes).base64EncodedString()
  }

  private static func date(of file: URL) -> Date? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    return attributes?[.modificationDate] as? Date
  }

  /// "epoch-0005.png" is "epoch 5".
  private static func label(_ name: String) -> String {
    let parts = name.dropLast(".png".count).split(separator: "-")
    guard parts.count == 2, let number = Int(parts[1]) else {
      return String(name.dropLast(".png".count))
    }
    return "\(parts[0]) \(number)"
  }

  private static func percentEncoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? text
  }
}
