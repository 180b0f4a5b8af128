/// What has gone wrong in a training that would go on for ever otherwise. Each is told once.
package struct Alarm: Codable, Sendable, Equatable, CustomStringConvertible {
  package enum Kind: Codable, Sendable, Hashable {
    /// The discriminator's loss has been near zero for so many steps.
    case discriminatorHasWon(steps: Int)
    /// The spread between a generator's results is under a tenth of the images'.
    case collapsed
    case copiesInput
    /// Results are dark where images are light, though the way back leads to the images.
    case invertsBrightness
    /// A loss is so many times its running median.
    case explodes(times: Int)
    /// All codes of an autoencoder are the same distribution.
    case codeIsUnused
  }

  package let kind: Kind
  /// The network or the loss, by its name in files and logs: "G_A".
  package let subject: String

  package init(_ kind: Kind, _ subject: String) {
    (self.kind, self.subject) = (kind, subject)
  }

  /// Whether another seed is likely to do better.
  package var isOfChance: Bool {
    kind == .collapsed || kind == .codeIsUnused || kind == .invertsBrightness
  }

  /// What it is, and what to do.
  package var description: String {
    switch kind {
    case .discriminatorHasWon(let steps):
      "the discriminator \(subject) has won: its loss has been near zero for \(steps) steps, and the generator "
        + "learns little from it; a lower --lr or another --seed may help"
    case .collapsed:
      "\(subject) has collapsed: the spread between its results is under a tenth of the images'; another --seed or "
        + "a lower --lr may help"
    case .copiesInput:
      "\(subject) copies its input: what it changes is next to nothing; a lower --lambda-identity or another "
        + "--seed may help"
    case .invertsBrightness:
      "\(subject) inverts brightness: its results are dark where the images are light, and the way back undoes it; "
        + "begin anew with another --seed, as --on-alarm restart does"
    case .explodes(let times):
      "the loss \(subject) is \(times) times its running median; a lower --lr may help"
    case .codeIsUnused:
      "\(subject) does not use its code: all images are encoded alike, and decoded to one; a lower --beta or "
        + "another --seed may help"
    }
  }
}

/// What a run does when there is an alarm.
package enum AlarmReaction: String, Sendable, CaseIterable {
  case warn, stop
  /// Begins anew with the next seed if it is early and the alarm is one of chance; else it goes on.
  case restart
}
