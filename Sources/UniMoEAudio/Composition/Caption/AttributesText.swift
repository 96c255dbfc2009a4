extension MusicAttributes {
  /// What was read out of a caption, as the members of a JSON object without its braces: `bpm`, `tonic` (pitch class),
  /// `mode`, `meter` (notes in a bar), `genre` and `seconds`, null where they are not said; `instruments` and `without`;
  /// then `key`, `style`, `moods`, `solo`, `lead_style`, `tempo_change`, `swing`, `form`, `bars` and `rest`, which is
  /// what was not understood.
  public var jsonMembers: String {
    func text(_ value: String?) -> String { value.map(ScoreText.quoted) ?? "null" }
    func number(_ value: Int?) -> String { value.map(String.init) ?? "null" }
    func list(_ values: [String]) -> String { "[" + values.map(ScoreText.quoted).joined(separator: ",") + "]" }
    let key = tonic.map { tonic in
      MusicalKey.tonics[tonic] + ((scale?.rawValue ?? mode?.rawValue).map { " " + $0 } ?? "")
    }
    let members = [
      "\"bpm\":\(number(bpm))", "\"tonic\":\(number(tonic))", "\"mode\":\(text(mode?.rawValue))",
      "\"meter\":\(number(meter?.beats))", "\"genre\":\(text(genre))",
      "\"seconds\":\(seconds.map { ScoreText.seconds(Int($0 * 1_000_000)) } ?? "null")",
      "\"instruments\":\(list(instruments))", "\"without\":\(list(without))", "\"key\":\(text(key))",
      "\"style\":\(text(style))", "\"moods\":\(list(moods))", "\"solo\":\(isSolo)",
      "\"lead_style\":\(text(leadStyle?.rawValue))", "\"tempo_change\":\(text(tempoChange?.rawValue))",
      "\"swing\":\(isSwung.map { "\($0)" } ?? "null")", "\"form\":\(text(form))", "\"bars\":\(number(bars))",
      "\"rest\":\(ScoreText.quoted(rest))",
    ]
    return members.joined(separator: ",")
  }
}

extension Brief {
  /// What a piece was composed to be, as a JSON object: `bpm`, `tempo` (slow, medium, fast), `tonic`, `mode`, `scale`,
  /// `key`, `meter` (quarter notes in a bar), `genre`, `style`, `lead`, `lead_style`, `instruments` (the lead first),
  /// `drums`, `form`, `seed`, `seconds`, `ends`.
  public var json: String {
    let names = instruments.map(ScoreText.quoted).joined(separator: ",")
    let hasKey = lead != .drums
    let members = [
      "\"bpm\":\(bpm)", "\"tempo\":\"\(tempoWord)\"", "\"tonic\":\(hasKey ? "\(key.tonic)" : "null")",
      "\"mode\":\(hasKey ? "\"\(key.mode.rawValue)\"" : "null")",
      "\"scale\":\(hasKey ? "\"\(key.scale.rawValue)\"" : "null")",
      "\"key\":\(hasKey ? "\"\(MusicalKey.tonics[key.tonic]) \(key.mode.rawValue)\"" : "null")",
      "\"meter\":\(meter.ticks / Score.ticksPerQuarter)", "\"genre\":\"\(genreName)\"", "\"style\":\"\(styleName)\"",
      "\"lead\":\(ScoreText.quoted(lead.name))", "\"lead_style\":\"\(leadStyle.rawValue)\"",
      "\"instruments\":[\(names)]",
      "\"drums\":\(hasDrums)", "\"form\":\"\(formName)\"", "\"seed\":\(seed)",
      "\"seconds\":\(ScoreText.seconds(Int(seconds * 1_000_000)))", "\"ends\":\(hasEnding)",
    ]
    return "{" + members.joined(separator: ",") + "}"
  }
}

extension ScorePlan {
  /// The plan as a JSON object: `code_rate`, `code_frames`, and an array of codes for each channel, -1 where unknown.
  public var json: String {
    let channels = Channel.allCases.map { channel in
      "\"\(channel.rawValue)\":[" + codes(of: channel).map(String.init).joined(separator: ",") + "]"
    }
    return "{\"code_rate\":\(Self.codeRate),\"code_frames\":\(codeFrames)," + channels.joined(separator: ",") + "}"
  }
}
