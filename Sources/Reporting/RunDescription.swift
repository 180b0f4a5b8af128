import Training

/// What a run's files do not say by themselves; told by whoever knows its kind of training.
package struct RunDescription: Encodable, Sendable {
  /// What is trained on what, in one line: "A = summer (60 images), B = winter (60)".
  package var summary: String
  /// Short facts about the run: name and value.
  package var facts: [[String]] = []
  package var totalEpochs: Int
  /// Options whose values are not the defaults.
  package var settings: [Setting] = []
  /// What continuations have changed, oldest first.
  package var changes: [OptionChange] = []
  /// What to type next.
  package var commands: [Command] = []

  package struct Setting: Encodable, Sendable, Equatable {
    /// Without the dashes in front.
    package let name: String
    package let value: String
    package let usual: String?

    package init(name: String, value: String, usual: String?) {
      (self.name, self.value, self.usual) = (name, value, usual)
    }
  }

  package struct Command: Encodable, Sendable, Equatable {
    package let title: String
    package let text: String

    package init(title: String, text: String) {
      (self.title, self.text) = (title, text)
    }
  }

  package init(summary: String, totalEpochs: Int) {
    self.summary = summary
    self.totalEpochs = totalEpochs
  }
}
