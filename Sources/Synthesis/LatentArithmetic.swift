import Foundation

/// A sum of averaged samples, such as "1,5,9 - 2,3,7 + 4,8,11". Source: arXiv 1511.06434, section 6.3.2.
package struct LatentArithmetic: Sendable, Equatable {
  /// The mean of some samples' latents, added or subtracted.
  package struct Term: Sendable, Equatable {
    package let isSubtracted: Bool
    /// As `generate` numbers them, from 1; never empty.
    package let samples: [Int]
  }

  /// In the order they are written in; never empty.
  package let terms: [Term]

  private static let largestNumber = 1_000_000_000
  private static let mostSamples = 100

  /// `nil` for a text that is no such sum: terms of whole numbers from 1, separated by commas, with + or -
  /// between them.
  package init?(_ text: String) {
    var terms: [Term] = []
    var isSubtracted = false
    var rest = Substring(text.trimmingCharacters(in: .whitespacesAndNewlines))
    if let sign = rest.first, sign == "-" || sign == "+" {
      isSubtracted = sign == "-"
      rest.removeFirst()
    }
    while true {
      let written = rest.prefix { $0 != "+" && $0 != "-" }
      let parts = written.split(separator: ",", omittingEmptySubsequences: false)
      let samples = parts.compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
      guard samples.count == parts.count, samples.allSatisfy((1...Self.largestNumber).contains)
      else { return nil }
      terms.append(Term(isSubtracted: isSubtracted, samples: samples))
      rest = rest.dropFirst(written.count)
      guard let sign = rest.popFirst() else { break }
      isSubtracted = sign == "-"
    }
    guard terms.reduce(0, { $0 + $1.samples.count }) <= Self.mostSamples else { return nil }
    self.terms = terms
  }

  /// The sum of the terms' means.
  /// - Parameter latent: of a numbered sample; all have one length.
  func result(_ latent: (Int) -> [Float]) -> [Float] {
    terms.reduce(into: []) { sum, term in
      let mean = Self.mean(term.samples.map(latent))
      if sum.isEmpty { sum = [Float](repeating: 0, count: mean.count) }
      for index in sum.indices { sum[index] += term.isSubtracted ? -mean[index] : mean[index] }
    }
  }

  static func mean(_ latents: [[Float]]) -> [Float] {
    guard let first = latents.first else { return [] }
    return first.indices.map { index in
      latents.reduce(0) { $0 + $1[index] } / Float(latents.count)
    }
  }
}
