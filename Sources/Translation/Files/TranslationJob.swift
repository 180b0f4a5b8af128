import Datasets
import Files
import Foundation
import Imaging

/// One image to translate and where the result goes.
package struct TranslationJob: Sendable, Equatable {
  package let input: URL
  package let output: URL
  /// `nil` for that of the input's content, whatever its name says.
  let format: ImageFormat?
}

/// What the results are written as.
package enum TranslationFormat: Sendable, Hashable {
  /// As their inputs.
  case same
  case only(ImageFormat)
}

extension TranslationFormat: CaseIterable, RawRepresentable {
  package static let allCases = [.same] + ImageFormat.allCases.map(TranslationFormat.only)

  /// "same" or the format's word.
  package init?(rawValue: String) {
    guard let match = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = match
  }

  package var rawValue: String {
    switch self {
    case .same: "same"
    case .only(let format): format.rawValue
    }
  }
}
