/// What a word for the mood of a piece means for it.
struct Mood: Sendable {
  /// The word.
  let name: String
  /// Other words for the same.
  let words: [String]
  /// The mode that it wants.
  let mode: MusicalKey.Mode?
  /// Beats a minute that it wants.
  let tempi: ClosedRange<Int>?
  /// How strongly it is played: -1, 0 or 1.
  let energy: Int
  /// Genres that suit it, where none is named.
  let genres: [String]

  private init(
    _ name: String, _ words: [String], _ mode: MusicalKey.Mode?, _ tempi: ClosedRange<Int>? = nil, energy: Int = 0,
    genres: [String] = []
  ) {
    (self.name, self.words, self.mode, self.tempi) = (name, words, mode, tempi)
    (self.energy, self.genres) = (energy, genres)
  }

  static func named(_ name: String) -> Mood? { all.first { $0.name == name } }

  static let all: [Mood] = [
    Mood("happy", ["cheerful", "joyful", "cheery", "merry", "jolly", "joyous", "gleeful"], .major),
    Mood("bright", ["sunny", "upbeat", "uplifting", "optimistic", "positive", "feel good", "feelgood"], .major),
    Mood(
      "playful", ["funny", "silly", "whimsical", "quirky", "bouncy", "cute", "comical"], .major,
      genres: ["ragtime", "folk", "pop", "classical"]),
    Mood(
      "triumphant", ["heroic", "victorious", "majestic", "glorious", "proud", "festive", "celebratory"], .major,
      energy: 1,
      genres: ["orchestral", "march"]),
    Mood(
      "sad",
      ["sorrowful", "mournful", "tearful", "heartbroken", "sorrow", "sadness", "gloomy", "depressing", "grieving"],
      .minor),
    Mood(
      "melancholic", ["melancholy", "wistful", "nostalgic", "longing", "bittersweet", "lonely", "yearning", "pensive"],
      .minor),
    Mood(
      "dark",
      [
        "sinister", "spooky", "creepy", "scary", "eerie", "haunting", "ominous", "menacing", "evil", "brooding",
        "moody",
      ], .minor),
    Mood(
      "tense", ["suspenseful", "dramatic", "anxious", "nervous", "intense", "urgent", "suspense"], .minor, energy: 1),
    Mood("angry", ["aggressive", "furious", "brutal", "rage"], .minor, energy: 1, genres: ["rock", "electronic"]),
    Mood(
      "calm",
      [
        "calming", "relaxing", "relaxed", "peaceful", "soothing", "serene", "tranquil", "unhurried", "chill", "chilled",
        "mellow", "laid back", "laid-back", "gentle", "tender", "sleepy", "quiet", "soft", "restful",
      ], nil, 54...84,
      energy: -1, genres: ["ambient", "lofi", "ballad", "lullaby", "classical", "folk"]),
    Mood(
      "dreamy", ["ethereal", "floating", "hypnotic", "magical", "mystical", "mysterious", "spacey"], nil, 54...96,
      genres: ["ambient", "lofi", "orchestral", "lullaby"]),
    Mood(
      "romantic", ["loving", "sensual", "sexy", "warm", "intimate"], nil,
      genres: ["ballad", "jazz", "classical", "soul", "latin"]),
    Mood(
      "energetic", ["driving", "lively", "exciting", "pumping", "powerful", "frantic", "wild", "hyper", "vigorous"],
      nil, 119...168,
      energy: 1),
    Mood(
      "groovy", ["grooving", "danceable", "catchy"], nil, genres: ["funk", "disco", "soul", "electronic", "latin"]),
    Mood(
      "solemn", ["serious", "sacred", "reverent", "stately", "noble", "hymn"], nil, 54...88,
      genres: ["classical", "orchestral"]),
    Mood("epic", ["huge", "grand", "massive"], nil, energy: 1, genres: ["orchestral"]),
    Mood("simple", ["minimal", "sparse", "bare", "minimalist"], nil),
  ]
}
