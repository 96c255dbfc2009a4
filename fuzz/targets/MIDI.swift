extension FuzzTarget {
  /// A MIDI file, and what a plan makes of it.
  static let midi = FuzzTarget(name: "midi") { bytes throws(UniMoEError) in
    try check(MIDIFile(bytes, path: "f.mid").score(path: "f.mid"))
  }

  /// A score's JSON.
  static let score = FuzzTarget(name: "score") { bytes throws(UniMoEError) in
    try check(Score(json: bytes, path: "score.json"))
  }

  /// A caption of music, what is composed of it, and whether it can be written and read again.
  static let caption = FuzzTarget(name: "caption") { bytes throws(UniMoEError) in
    let attributes = CaptionReader.attributes(of: String(decoding: bytes, as: UTF8.self))
    try check(Composer.compose(Brief(attributes, seed: UInt64(bytes.count), seconds: 5)))
  }

  private static func check(_ score: Score) throws(UniMoEError) {
    for part in score.parts {
      for note in part.notes { precondition(note.start >= 0 && note.duration > 0 && note.end <= score.length) }
    }
    let plan = ScorePlan(score, codeFrames: 500)
    for channel in ScorePlan.Channel.allCases {
      precondition(plan.codes(of: channel).allSatisfy { $0 >= ScorePlan.unknown && $0 < channel.size })
    }
    let again = try score.json.withUTF8Bytes { (json) throws(UniMoEError) in try Score(json: json, path: "s") }
    precondition(again.parts == score.parts && again.tempo == score.tempo && again.chords == score.chords)
  }
}
