import Imaging

/// What the values of a domain's files are, as far as it is known.
package struct DomainValues: Sendable, Equatable {
  /// Black and white; `nil` for the ends of each file's type.
  package var range: ValueRange?
  /// `nil` where it is not the same in all files.
  package var sampleType: SampleType?

  package init(range: ValueRange? = nil, sampleType: SampleType? = nil) {
    self.range = range
    self.sampleType = sampleType
  }
}

/// The values that a generator takes and makes, which its weights file carries as metadata.
package struct GeneratorValues: Sendable, Equatable {
  package var input = DomainValues()
  package var output = DomainValues()

  package init(input: DomainValues = DomainValues(), output: DomainValues = DomainValues()) {
    (self.input, self.output) = (input, output)
  }

  /// What is missing or no such value is not known.
  package init(metadata: [String: String]) {
    func values(_ side: String) -> DomainValues {
      DomainValues(
        range: metadata["\(side)_range"].flatMap(ValueRange.init(text:)),
        sampleType: metadata["\(side)_samples"].flatMap(SampleType.init(text:)))
    }
    self.init(input: values("input"), output: values("output"))
  }

  package var metadata: [String: String] {
    var metadata: [String: String] = [:]
    for (side, values) in [("input", input), ("output", output)] {
      metadata["\(side)_range"] = values.range?.text
      metadata["\(side)_samples"] = values.sampleType?.text
    }
    return metadata
  }

  /// What a result is stored as, and its black and white.
  ///
  /// A result has its input's type where that has the output's values; else the type of the output's files, and
  /// float32 where nothing else is known. Floats are made of floats, and where the output's files have them.
  package func result(of file: ImageFile) -> (type: SampleType, range: ValueRange) {
    let own = file.sampleType
    guard let range = output.range ?? (own.kind == .float ? output.sampleType?.range : own.range)
    else { return (own, input.range ?? file.image.range) }
    let float = SampleType(.float, bits: 32)
    if output.range == nil { return (own, range) }
    if output.sampleType?.kind == .float && own.kind != .float { return (float, range) }
    if own.holds(range) { return (own, range) }
    if let type = output.sampleType, type.holds(range) { return (type, range) }
    return (float, range)
  }
}
