extension Brief {
  /// What a piece was composed to be, as a JSON object: `bpm`, `tempo` (slow, medium, fast), `tonic`, `mode`, `scale`,
  /// `key`, `meter` (quarter notes in a bar), `genre`, `style`, `lead`, `lead_style`, `instruments` (the lead first),
  /// `drums`, `form`, `seed`, `seconds`, `ends`.
  public var json: String {
    let names = instruments.map(UniMoEAudio.json).joined(separator: ",")
    let hasKey = lead != .drums
    let members = [
      "\"bpm\":\(bpm)", "\"tempo\":\"\(tempoWord)\"", "\"tonic\":\(hasKey ? "\(key.tonic)" : "null")",
      "\"mode\":\(hasKey ? "\"\(key.mode.rawValue)\"" : "null")",
      "\"scale\":\(hasKey ? "\"\(key.scale.rawValue)\"" : "null")",
      "\"key\":\(hasKey ? "\"\(MusicalKey.tonics[key.tonic]) \(key.mode.rawValue)\"" : "null")",
      "\"meter\":\(meter.ticks / Score.ticksPerQuarter)", "\"genre\":\"\(genreName)\"", "\"style\":\"\(styleName)\"",
      "\"lead\":\(UniMoEAudio.json(lead.name))", "\"lead_style\":\"\(leadStyle.rawValue)\"",
      "\"instruments\":[\(names)]",
      "\"drums\":\(hasDrums)", "\"form\":\"\(formName)\"", "\"seed\":\(seed)",
      "\"seconds\":\(ScoreText.seconds(Int(seconds * 1_000_000)))", "\"ends\":\(hasEnding)",
    ]
    return "{" + members.joined(separator: ",") + "}"
  }
}
