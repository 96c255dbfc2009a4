extension Score {
  /// The same notes as a caption wants them to sound.
  ///
  /// - The first instrument that the caption names, drums and basses apart, is the one in front; without one it stays who
  ///   it is, and so it does where drums or the bass lead.
  /// - Drums, bass or instruments that the caption does not want are left out, unless they lead.
  ///
  /// Tempo, key, metre and length stay the score's.
  public func arranged(by attributes: MusicAttributes) -> Score {
    var result = self
    let front = attributes.instruments.lazy.compactMap(Instrument.named).first { $0 != .drums && $0.roles != .bass }
    if let front, let melody = parts.firstIndex(where: { $0.role == .melody }) {
      result.parts[melody].instrument = front
      result.lead = front
    }
    result.parts.removeAll { part in
      guard part.role != .melody, part.instrument != lead || part.role != leadingPart?.role else { return false }
      return attributes.without.contains(part.role.rawValue) || attributes.without.contains(part.instrument.name)
    }
    if attributes.without.contains(Role.chords.rawValue) { result.chords = [] }
    return result
  }
}
