import Files
import Foundation
import Wording

/// What the networks of a GAN know of an image beside that it is one.
package struct SampleCondition: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// Both networks are told the class; arXiv 1411.1784.
    case cgan
    /// The generator is told the class, which the discriminator names; arXiv 1610.09585.
    case acgan
    /// The discriminator names codes that the generator was given; arXiv 1606.03657.
    case infogan
    /// The discriminator names the class of real images, or says that an image is a fake; arXiv 1606.01583.
    case sgan

    /// Whether the data have to have classes.
    package var needsClasses: Bool { self != .infogan }
    /// Whether the generator is told a class.
    package var generatesClasses: Bool { self == .cgan || self == .acgan }
    /// Whether the discriminator names classes.
    package var classifies: Bool { self == .acgan || self == .sgan }
  }

  package let kind: Kind
  /// Their names, in the order of their numbers; empty for `infogan`.
  package let classes: [String]
  /// Of `infogan`; empty for others.
  package let codes: LatentCodes

  /// The classes that a run learns, or the codes: what the kind has no use for is left out.
  package init(_ kind: Kind, classes: [String], codes: LatentCodes) {
    self.kind = kind
    self.classes = kind.needsClasses ? classes : []
    self.codes = kind == .infogan ? codes : LatentCodes([])
  }

  /// Numbers that the generator takes behind the latent: a class as one of several zeros that is 1, or codes.
  package var generatorInputs: Int {
    switch kind {
    case .cgan, .acgan: classes.count
    case .infogan: codes.width
    case .sgan: 0
    }
  }

  /// Classes that the discriminator is told beside an image.
  var toldClasses: Int { kind == .cgan ? classes.count : 0 }

  /// Numbers that the discriminator returns for an image. The first is the score of its being real, but for `sgan`,
  /// whose score follows from those of the classes.
  package var discriminatorOutputs: Int {
    switch kind {
    case .cgan: 1
    case .acgan: 1 + classes.count
    case .infogan: 1 + codes.width
    case .sgan: classes.count
    }
  }

  /// Such as "cgan, 10 classes".
  package var summary: String {
    "\(kind.rawValue), "
      + (kind == .infogan ? "codes \(codes.text)" : "\(classes.count) classes")
  }

  /// The same with the names of the classes, as far as a line has room for them: "cgan, cat, dog and frog".
  package var listing: String { kind == .infogan ? summary : "\(kind.rawValue), \(classWords)" }

  /// "cat, dog and frog"
  package var classWords: String {
    let shown = 100
    let more = classes.count - shown
    return listed(classes.prefix(shown) + (more > 0 ? ["\(grouped(more)) more"] : []))
  }
}

// MARK: In weights files

extension SampleCondition {
  private static let kindKey = "condition"
  private static let classesKey = "classes"
  private static let codesKey = "codes"
  /// More classes than any data set of ours has, and less than would fill a machine.
  package static let mostClasses = 10_000

  /// Whether names, which anybody can write into a file, can be those of classes.
  private static func areClasses(_ names: [String]) -> Bool {
    names.count <= mostClasses && Set(names).count == names.count && names.allSatisfy(canBeName)
  }

  /// Throws for names that cannot be those of classes.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decode(Kind.self, forKey: .kind)
    classes = try container.decode([String].self, forKey: .classes)
    codes = try container.decode(LatentCodes.self, forKey: .codes)
    guard Self.areClasses(classes) else {
      throw DecodingError.dataCorruptedError(
        forKey: .classes, in: container, debugDescription: "no names of classes")
    }
  }

  /// What a weights file says of itself beside its tensors.
  package var metadata: [String: String] {
    var result = [Self.kindKey: kind.rawValue]
    if kind.needsClasses {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .withoutEscapingSlashes
      result[Self.classesKey] = (try? encoder.encode(classes)).map {
        String(decoding: $0, as: UTF8.self)
      }
    } else {
      result[Self.codesKey] = codes.text
    }
    return result
  }

  /// What a weights file says; `nil` for one of networks without a condition.
  ///
  /// Throws `FileError` where it says what cannot be.
  package static func found(
    in metadata: [String: String], path: String
  ) throws(FileError) -> SampleCondition? {
    guard let word = metadata[kindKey] else { return nil }
    guard let kind = Kind(rawValue: word) else {
      throw FileError(
        path: path, reason: "its condition '\(word.prefix(40))' is unknown to this program")
    }
    if !kind.needsClasses {
      guard let codes = LatentCodes(text: metadata[codesKey] ?? "") else {
        throw FileError(path: path, reason: "its codes are damaged")
      }
      return SampleCondition(kind, classes: [], codes: codes)
    }
    let stored = metadata[classesKey].map { Data($0.utf8) }
    guard let classes = stored.flatMap({ try? JSONDecoder().decode([String].self, from: $0) }),
      classes.count > 1, areClasses(classes)
    else {
      throw FileError(path: path, reason: "the names of its classes are damaged")
    }
    return SampleCondition(kind, classes: classes, codes: LatentCodes([]))
  }
}

/// The codes of an InfoGAN, each independent of the others: "10,u,u" is one of ten, and two numbers from -1 to 1.
package struct LatentCodes: Codable, Sendable, Equatable {
  package enum Code: Sendable, Equatable {
    /// One of so many, all as likely.
    case categorical(Int)
    /// Uniform on [-1, 1].
    case uniform

    /// Numbers that stand for it in front of the generator and behind the discriminator.
    package var width: Int {
      switch self {
      case .categorical(let count): count
      case .uniform: 1
      }
    }
  }

  package let list: [Code]

  private static let uniformWord = "u"
  private static let mostCodes = 64
  private static let sizes = 2...1000

  package init(_ list: [Code]) { self.list = list }

  /// `nil` for a text that is no such list.
  package init?(text: String) {
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let codes = words.compactMap { word -> Code? in
      let trimmed = word.drop { $0 == " " }
      if trimmed == Self.uniformWord { return .uniform }
      guard let count = Int(trimmed), Self.sizes.contains(count) else { return nil }
      return .categorical(count)
    }
    guard codes.count == words.count, codes.count <= Self.mostCodes else { return nil }
    list = codes
  }

  package var text: String {
    list.map { code in
      switch code {
      case .categorical(let count): "\(count)"
      case .uniform: Self.uniformWord
      }
    }.joined(separator: ",")
  }

  /// Numbers that stand for all of them.
  package var width: Int { list.reduce(0) { $0 + $1.width } }

  /// The codes with the places of their numbers.
  package var placed: [(code: Code, places: Range<Int>)] {
    var start = 0
    return list.map { code in
      defer { start += code.width }
      return (code, start..<start + code.width)
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    if text.isEmpty {
      self.init([])
      return
    }
    guard let codes = LatentCodes(text: text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no list of codes")
    }
    self = codes
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
