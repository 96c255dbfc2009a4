extension MusicAttributes {
  /// What was read out of a caption, as the members of a JSON object without its braces: `bpm`, `tonic` (pitch class),
  /// `mode`, `meter` (notes in a bar), `genre` and `seconds`, null where they are not said; `instruments` and `without`;
  /// then `key`, `style`, `moods`, `solo`, `lead_style`, `tempo_change`, `swing`, `form`, `bars` and `rest`, which is
  /// what was not understood.
  ///
  /// - Parameter understood: what each phrase was taken for, as the member `understood`, pairs of words and meaning.
  public func json(_ understood: [CaptionReader.Understanding]) -> String {
    func text(_ value: String?) -> String { value.map(UniMoEAudio.json) ?? "null" }
    func number(_ value: Int?) -> String { value.map(String.init) ?? "null" }
    func list(_ values: [String]) -> String { "[" + values.map(UniMoEAudio.json).joined(separator: ",") + "]" }
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
      "\"rest\":\(UniMoEAudio.json(rest))",
    ]
    let pairs = understood.map { list([$0.words, $0.meaning]) }
    return "{" + members.joined(separator: ",") + ",\"understood\":[" + pairs.joined(separator: ",") + "]}"
  }
}
