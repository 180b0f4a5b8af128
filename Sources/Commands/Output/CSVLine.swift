import Foundation

/// A line of CSV, without its end. Fields with commas, quotes or line ends stand in quotes. Source: RFC 4180, section
/// 2.
func csvLine(_ fields: [String]) -> String {
  fields.map { field in
    let isPlain = !field.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
    return isPlain ? field : "\"\(field.replacingOccurrences(of: "\"", with: "\"\""))\""
  }.joined(separator: ",")
}
