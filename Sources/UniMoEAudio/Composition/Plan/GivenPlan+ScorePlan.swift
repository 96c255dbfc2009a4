extension GivenPlan {
  /// What a score plays, in the channels that a model has.
  ///
  /// - Parameters:
  ///   - plan: The score in code frames.
  ///   - configuration: The model's channels and the names of its instruments.
  init(_ plan: ScorePlan, for configuration: PlanConfiguration) {
    self.init(codeFrames: plan.codeFrames)
    for (_, channel) in configuration.channels(of: .music) {
      guard let source = ScorePlan.Channel(rawValue: channel.name.rawValue) else { continue }
      var codes = plan.codes(of: source)
      if source == .lead {
        let places = Instrument.all.map { $0.code(among: configuration.instruments) ?? Self.unknown }
        codes = codes.map { $0 < 0 ? Self.unknown : places[Int($0)] }
      }
      // A channel of which nobody knows anything has no beginning and no end either.
      if codes.contains(where: { $0 != Self.unknown }) { give(source.rawValue, codes) }
    }
  }
}

extension Instrument {
  /// Its code for a model that knows some instruments by their names: its own place among them, else that of the one of
  /// its family whose General MIDI program is nearest, the first of equals; `nil` where the model knows none of its
  /// family.
  func code(among names: [String]) -> Int32? {
    if let own = names.firstIndex(of: name) { return Int32(own) }
    var best: (place: Int, distance: Int)?
    for (place, name) in names.enumerated() {
      guard let other = Instrument.named(name), other.family == family else { continue }
      let distance = abs((other.program ?? 0) - (program ?? 0))
      if best.map({ distance < $0.distance }) ?? true { best = (place, distance) }
    }
    return best.map { Int32($0.place) }
  }
}
