/// `{ph HH AH0 L OW1}` within a text: a word said with these phonemes.
enum PhonemeSpelling {
  private static let longest = 512

  /// The phonemes of the spelling that begins at a position, and where it ends; `nil` if none does.
  ///
  /// Throws an error of kind `request` that names the place of what is no phoneme.
  static func read(_ text: CleanText, at start: Int) throws(UniMoEError) -> (phonemes: [Phoneme], end: Int)? {
    let inside = text.scalars[(start + 1)...]
    guard inside.starts(with: "ph ".unicodeScalars) else { return nil }
    let place = "character \(text.starts[start])"
    let body = inside.dropFirst(3).prefix(longest).prefix { $0 != "}" && $0 != "\n" }
    guard body.endIndex < text.scalars.count, text.scalars[body.endIndex] == "}" else {
      throw UniMoEError(.request, "text", field: place, expected: "{ph PHONEMES} closed in its line", found: "no }")
    }
    var names = ""
    names.unicodeScalars.append(contentsOf: body)
    do throws(Phoneme.UnknownPhoneme) {
      let phonemes = try Phoneme.list(names)
      if !phonemes.isEmpty { return (phonemes, body.endIndex + 1) }
    } catch {
      throw UniMoEError(
        .request, "text", field: place, expected: "phonemes of CMUdict such as HH AH0 L OW1",
        found: quoted(error.name))
    }
    throw UniMoEError(.request, "text", field: place, expected: "at least one phoneme", found: "none")
  }
}
