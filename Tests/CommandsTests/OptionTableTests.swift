import Testing

@testable import Commands

/// What holds for every option of every command.
@Suite struct OptionTableTests {
  @Test func demo() throws { try expectSoundTable(DemoOptions.self) }
  @Test func train() throws { try expectSoundTable(TrainOptions.self) }
  @Test func translate() throws { try expectSoundTable(TranslateOptions.self) }
  @Test func dcganTrain() throws { try expectSoundTable(DCGANTrainOptions.self) }
  @Test func dcganGenerate() throws { try expectSoundTable(DCGANGenerateOptions.self) }
  @Test func ganTrain() throws { try expectSoundTable(MLPTrainOptions.self) }
  @Test func ganGenerate() throws { try expectSoundTable(MLPGenerateOptions.self) }
  @Test func bench() throws { try expectSoundTable(BenchOptions.self) }
  @Test func inspect() throws { try expectSoundTable(InspectOptions.self) }
  @Test func export() throws { try expectSoundTable(ExportOptions.self) }

  private func expectSoundTable<Options: CommandOptions>(
    _ type: Options.Type, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let syntax = Options.syntax
    let names = syntax.options.flatMap { [$0.name] + $0.aliases }
    #expect(Set(names).count == names.count, "a name twice", sourceLocation: sourceLocation)
    #expect(!names.contains("help"), "taken by the help", sourceLocation: sourceLocation)
    for option in syntax.options {
      let comment = Comment(rawValue: option.name)
      #expect(!option.help.isEmpty, comment, sourceLocation: sourceLocation)
      // A name that is not canonical could never be found.
      for name in [option.name] + option.aliases {
        #expect(name == Option<Options>.canonical(name), comment, sourceLocation: sourceLocation)
        #expect(
          syntax.option(named: name)?.name == option.name, comment, sourceLocation: sourceLocation)
      }
      try expectDefaultReadsBack(option, sourceLocation)
    }
    for line in syntax.usage + syntax.examples {
      #expect(
        line.split(separator: " ").first.map(String.init) == syntax.name,
        sourceLocation: sourceLocation)
    }
  }

  /// A default that the help shows can be typed in, and means itself.
  private func expectDefaultReadsBack<Options>(
    _ option: Option<Options>, _ sourceLocation: SourceLocation
  ) throws where Options: CommandOptions {
    let defaults = Options()
    guard !option.isFlag, let text = option.text(defaults), !text.isEmpty else { return }
    var options = defaults
    try option.set(text, &options)
    #expect(
      option.text(options) == text, Comment(rawValue: option.name), sourceLocation: sourceLocation)
  }

  /// Each of the listed examples is a command line that works.
  @Test func examplesAreAccepted() throws {
    func accept<Options: CommandOptions>(_ type: Options.Type) throws {
      for example in Options.syntax.examples {
        let words = example.split(separator: " ").map(String.init)
        _ = try ArgumentParser<Options>(path: "cyclegan").parse(Array(words.dropFirst()))
      }
    }
    try accept(DemoOptions.self)
    try accept(TrainOptions.self)
    try accept(TranslateOptions.self)
    try accept(DCGANTrainOptions.self)
    try accept(DCGANGenerateOptions.self)
    try accept(MLPTrainOptions.self)
    try accept(MLPGenerateOptions.self)
    try accept(BenchOptions.self)
    try accept(InspectOptions.self)
    try accept(ExportOptions.self)
  }

  /// Every choice of every table is taken, and the value says the same word again.
  @Test func choicesReadBack() throws {
    for option in TrainOptions.syntax.options {
      for word in option.choices {
        var options = TrainOptions()
        try option.set(word, &options)
        #expect(option.text(options) == word)
      }
    }
  }

  /// Each flag changes the options, and nothing else turns it on.
  @Test func flagsAreOffUntilGiven() throws {
    for option in TrainOptions.syntax.options where option.isFlag && !option.isHidden {
      var options = TrainOptions()
      #expect(option.text(options) == "off", "\(option.name)")
      try option.set("", &options)
      #expect(option.text(options) == "on", "\(option.name)")
    }
  }
}
