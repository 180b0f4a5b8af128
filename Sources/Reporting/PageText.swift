import Files
import Foundation

/// What pages are made of.
enum PageText {
  /// Writes a page that holds its data; see `page`. Throws `FileError`.
  static func write(
    _ content: some Encodable, to file: URL, title: String, style: String, script: String,
    without words: String
  ) throws(FileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json: Data
    do { json = try encoder.encode(content) } catch {
      throw FileError(path: file.relativePath, cause: error)
    }
    let text = page(
      title: title, style: style, json: String(decoding: json, as: UTF8.self), script: script,
      without: words)
    try replaceFile(at: file, with: Data(text.utf8))
  }

  /// A page with its parts put in: nothing that the data or the title hold can end the script or the title.
  ///
  /// - Parameters:
  ///   - json: the data, which the script finds.
  ///   - words: shown where there is no JavaScript.
  static func page(
    title: String, style: String, json: String, script: String, without words: String
  ) -> String {
    let parts = [
      "title": escaped(title), "style": style,
      // The only way out of a script element is a "<"; in JSON it can be written otherwise.
      "data": json.replacingOccurrences(of: "<", with: "\\u003c"),
      "script": script, "without": escaped(words),
    ]
    var page = ""
    var rest = text(PackageResources.report_html)[...]
    while let opening = rest.range(of: "{{"), let closing = rest.range(of: "}}") {
      page +=
        rest[..<opening.lowerBound]
        + (parts[String(rest[opening.upperBound..<closing.lowerBound])] ?? "")
      rest = rest[closing.upperBound...]
    }
    return page + rest
  }

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
  }

  /// Leads from a page to a file or folder, percent-encoded.
  static func path(from page: URL, to target: URL) -> String {
    let base = page.absoluteURL.standardizedFileURL.deletingLastPathComponent().pathComponents
    let components = target.absoluteURL.standardizedFileURL.pathComponents
    let shared = zip(base, components).prefix { $0 == $1 }.count
    let parts = Array(repeating: "..", count: base.count - shared) + components.dropFirst(shared)
    return parts.map {
      $0.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? $0
    }.joined(separator: "/")
  }
}
