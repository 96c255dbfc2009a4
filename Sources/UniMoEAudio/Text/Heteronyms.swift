/// Words that are said in two ways, told apart by their neighbours; and the forms that short words take before others.
///
/// Thread: any.
struct Heteronyms {
  /// When the other pronunciation is meant.
  private enum Rule {
    /// The word is a verb.
    case verb
    /// The word is a noun or stands before one.
    case noun
    /// One of the words stands before it, or one of the others behind it.
    case near(before: Set<String>, after: Set<String>)
    /// Somewhere in its sentence stands one of the words.
    case around(Set<String>)
  }

  private struct Entry {
    var usual: [Phoneme]
    var other: [Phoneme]
    var rules: [Rule]
  }

  private static func list(_ names: String) -> [Phoneme] {
    names.split(separator: " ").compactMap { Phoneme(String($0)) }
  }

  /// The phonemes of the word at an index where its neighbours decide; `nil` of every other word.
  static func phonemes(_ words: [NormalizedText.Word], at index: Int) -> [Phoneme]? {
    let word = words[index].spoken
    if let past = past(words, at: index) { return past }
    guard let entry = table[word] else { return nil }
    let context = Context(words, index)
    let isOther = entry.rules.contains { rule in
      switch rule {
      case .verb: context.isVerb
      case .noun: context.isNoun
      case .near(let before, let after): before.contains(context.before) || after.contains(context.after)
      case .around(let words): context.sentence.contains { words.contains($0) }
      }
    }
    return isOther ? entry.other : entry.usual
  }

  /// What stands around a word.
  private struct Context {
    let before: String
    let beforeThat: String
    let after: String
    let sentence: [String]
    let isPlural: Bool

    init(_ words: [NormalizedText.Word], _ index: Int) {
      let starts = words[index].pause >= .sentence || index == 0
      before = starts ? "" : words[index - 1].spoken
      beforeThat = starts || index < 2 || words[index - 1].pause >= .sentence ? "" : words[index - 2].spoken
      let next = index + 1 < words.count && words[index + 1].pause < .sentence
      after = next ? words[index + 1].spoken : ""
      var first = index
      while first > 0, words[first].pause < .sentence, index - first < 12 { first -= 1 }
      var end = index + 1
      while end < words.count, words[end].pause < .sentence, end - index < 12 { end += 1 }
      sentence = words[first..<end].map(\.spoken)
      isPlural = words[index].spoken.hasSuffix("s") && !words[index].spoken.hasSuffix("ss")
    }

    /// Whether the word stands where a verb does.
    var isVerb: Bool {
      if isPlural { return Heteronyms.singularSubjects.contains(before) && !Heteronyms.determiners.contains(before) }
      if before == "to" { return !["due", "according", "thanks", "prior", "rose", "up"].contains(beforeThat) }
      if Heteronyms.adverbs.contains(before) {
        return Heteronyms.verbMarkers.contains(beforeThat) || beforeThat == "to"
      }
      if Heteronyms.verbMarkers.contains(before) { return true }
      // An order: the word begins the sentence and something follows.
      return before.isEmpty && Heteronyms.objects.contains(after)
    }

    /// Whether the word stands where a noun does.
    var isNoun: Bool {
      Heteronyms.determiners.contains(before) || Heteronyms.prepositions.contains(before)
        || Heteronyms.determiners.contains(beforeThat) && !isVerb && !Heteronyms.verbMarkers.contains(before)
        || after == "of"
    }
  }

  private static let verbMarkers: Set<String> = [
    "will", "would", "can", "could", "should", "must", "may", "might", "shall", "not", "cannot", "can't", "couldn't",
    "won't",
    "wouldn't", "shouldn't", "don't", "doesn't", "didn't", "do", "does", "did", "let's", "please", "i", "you", "we",
    "they",
    "i'll", "you'll", "he'll", "she'll", "we'll", "they'll", "it'll", "i'd", "you'd", "we'd", "they'd", "he'd", "she'd",
    "who",
    "people", "help", "helps", "helped", "us", "them", "let", "didnt", "mustn't", "always",
  ]
  private static let adverbs: Set<String> = [
    "never", "often", "also", "really", "now", "still", "usually", "sometimes", "just", "always", "even", "only",
    "quickly",
    "strongly", "finally", "easily",
  ]
  private static let singularSubjects: Set<String> = [
    "he", "she", "it", "who", "that", "which", "never", "often", "always",
  ]
  private static let determiners: Set<String> = [
    "the", "a", "an", "my", "your", "his", "her", "its", "our", "their", "this", "that", "these", "those", "some",
    "any", "no",
    "every", "each", "another", "much", "little", "more", "less", "what", "whose", "which", "one", "first", "last",
    "new", "good",
    "great", "big", "own", "many", "such", "best",
  ]
  private static let prepositions: Set<String> = [
    "of", "in", "on", "at", "for", "with", "from", "by", "without", "into", "after", "before", "about", "under",
  ]
  private static let objects: Set<String> = [
    "the", "a", "an", "my", "your", "his", "her", "its", "our", "their", "this", "that", "these", "those", "it", "them",
    "all",
    "every", "each", "some", "me", "him", "us", "yourself",
  ]

  // MARK: The past

  private static let readPast = list("R EH1 D")
  private static let readNow = list("R IY1 D")
  private static let perfect: Set<String> = [
    "have", "has", "had", "having", "was", "were", "been", "being", "is", "are", "be", "i've", "you've", "we've",
    "they've", "he's",
    "she's", "i'd", "haven't", "hasn't", "hadn't", "it's", "get", "got", "well", "widely", "already", "ever", "he",
    "she", "it",
  ]
  private static let pastTimes: Set<String> = [
    "yesterday", "ago", "last", "once", "earlier", "then", "already", "just", "finally",
  ]

  /// "read", which is written alike in the past.
  private static func past(_ words: [NormalizedText.Word], at index: Int) -> [Phoneme]? {
    guard words[index].spoken == "read" else { return nil }
    let context = Context(words, index)
    if context.before == "to" || context.before.isEmpty { return readNow }
    if [
      "will", "can", "could", "would", "should", "must", "may", "might", "did", "didn't", "don't", "do", "please",
      "let's", "not", "i'll", "cannot",
      "can't", "won't", "couldn't", "to", "a", "the", "good", "great",
    ].contains(context.before), !perfect.contains(context.beforeThat) || context.before != "not" {
      return readNow
    }
    if perfect.contains(context.before) { return readPast }
    if adverbs.contains(context.before), perfect.contains(context.beforeThat) { return readPast }
    if ["i", "you", "we", "they", "who", "and"].contains(context.before) {
      return context.sentence.contains { pastTimes.contains($0) || isPastVerb($0) } ? readPast : readNow
    }
    // A name or a noun before it: it is told of somebody.
    return determiners.contains(context.beforeThat) || context.sentence.contains { pastTimes.contains($0) }
      ? readPast : readNow
  }

  private static func isPastVerb(_ word: String) -> Bool {
    [
      "was", "were", "had", "did", "said", "went", "came", "saw", "took", "made", "got", "gave", "found", "thought",
      "felt", "wrote", "sat",
    ].contains(word)
      || word.hasSuffix("ed") && word.count > 4
  }

  // MARK: The words

  private static let table: [String: Entry] = {
    var table: [String: Entry] = [:]
    func add(_ word: String, _ usual: String, _ other: String, _ rules: Rule...) {
      table[word] = Entry(usual: list(usual), other: list(other), rules: rules)
    }
    // A noun has the stress on its first syllable, the verb on its second one.
    for (word, noun, verb) in [
      ("record", "R EH1 K ER0 D", "R AH0 K AO1 R D"), ("present", "P R EH1 Z AH0 N T", "P R IY0 Z EH1 N T"),
      ("object", "AA1 B JH EH0 K T", "AH0 B JH EH1 K T"), ("project", "P R AA1 JH EH0 K T", "P R AH0 JH EH1 K T"),
      ("conduct", "K AA1 N D AH0 K T", "K AA0 N D AH1 K T"), ("contract", "K AA1 N T R AE2 K T", "K AH0 N T R AE1 K T"),
      ("contest", "K AA1 N T EH0 S T", "K AH0 N T EH1 S T"), ("convict", "K AA1 N V IH0 K T", "K AH0 N V IH1 K T"),
      ("desert", "D EH1 Z ER0 T", "D IH0 Z ER1 T"), ("digest", "D AY1 JH EH0 S T", "D AY0 JH EH1 S T"),
      ("increase", "IH1 N K R IY2 S", "IH2 N K R IY1 S"), ("decrease", "D IY1 K R IY2 S", "D IH0 K R IY1 S"),
      ("insult", "IH1 N S AH2 L T", "IH2 N S AH1 L T"), ("permit", "P ER1 M IH2 T", "P ER0 M IH1 T"),
      ("protest", "P R OW1 T EH2 S T", "P R AH0 T EH1 S T"), ("rebel", "R EH1 B AH0 L", "R IH0 B EH1 L"),
      ("refund", "R IY1 F AH2 N D", "R IH0 F AH1 N D"), ("subject", "S AH1 B JH IH0 K T", "S AH0 B JH EH1 K T"),
      ("suspect", "S AH1 S P EH2 K T", "S AH0 S P EH1 K T"), ("transfer", "T R AE1 N S F ER0", "T R AE0 N S F ER1"),
      ("transport", "T R AE1 N S P AO0 R T", "T R AE0 N S P AO1 R T"), ("import", "IH1 M P AO2 R T", "IH2 M P AO1 R T"),
      ("export", "EH1 K S P AO0 R T", "IH0 K S P AO1 R T"), ("progress", "P R AA1 G R EH2 S", "P R AH0 G R EH1 S"),
      ("conflict", "K AA1 N F L IH0 K T", "K AH0 N F L IH1 K T"),
      ("contrast", "K AA1 N T R AE0 S T", "K AH0 N T R AE1 S T"),
      ("discount", "D IH1 S K AW0 N T", "D IH0 S K AW1 N T"), ("escort", "EH1 S K AO0 R T", "EH0 S K AO1 R T"),
      ("extract", "EH1 K S T R AE2 K T", "IH0 K S T R AE1 K T"), ("perfect", "P ER1 F IH2 K T", "P ER0 F EH1 K T"),
      ("address", "AE1 D R EH2 S", "AH0 D R EH1 S"), ("combat", "K AA1 M B AE0 T", "K AH0 M B AE1 T"),
      ("compound", "K AA1 M P AW0 N D", "K AH0 M P AW1 N D"), ("console", "K AA1 N S OW0 L", "K AH0 N S OW1 L"),
      ("converse", "K AA1 N V ER0 S", "K AH0 N V ER1 S"), ("convert", "K AA1 N V ER0 T", "K AH0 N V ER1 T"),
      ("defect", "D IY1 F EH0 K T", "D IH0 F EH1 K T"), ("insert", "IH1 N S ER2 T", "IH2 N S ER1 T"),
      ("research", "R IY1 S ER0 CH", "R IY0 S ER1 CH"), ("survey", "S ER1 V EY2", "S ER0 V EY1"),
      ("torment", "T AO1 R M EH2 N T", "T AO0 R M EH1 N T"), ("reject", "R IY1 JH EH0 K T", "R IH0 JH EH1 K T"),
      ("ally", "AE1 L AY0", "AH0 L AY1"), ("abuse", "AH0 B Y UW1 S", "AH0 B Y UW1 Z"),
      ("house", "HH AW1 S", "HH AW1 Z"),
      ("misuse", "M IH0 S Y UW1 S", "M IH0 S Y UW1 Z"), ("attribute", "AE1 T R AH0 B Y UW2 T", "AH0 T R IH1 B Y UW2 T"),
      ("advocate", "AE1 D V AH0 K AH0 T", "AE1 D V AH0 K EY2 T"),
      ("associate", "AH0 S OW1 S IY0 AH0 T", "AH0 S OW1 S IY0 EY2 T"),
      ("delegate", "D EH1 L AH0 G AH0 T", "D EH1 L AH0 G EY2 T"),
      ("duplicate", "D UW1 P L AH0 K AH0 T", "D UW1 P L AH0 K EY2 T"),
      ("estimate", "EH1 S T AH0 M AH0 T", "EH1 S T AH0 M EY2 T"),
      ("graduate", "G R AE1 JH AH0 W AH0 T", "G R AE1 JH AH0 W EY2 T"),
      ("moderate", "M AA1 D ER0 AH0 T", "M AA1 D ER0 EY2 T"), ("separate", "S EH1 P ER0 IH0 T", "S EH1 P ER0 EY2 T"),
      ("appropriate", "AH0 P R OW1 P R IY0 AH0 T", "AH0 P R OW1 P R IY0 EY2 T"),
      ("deliberate", "D IH0 L IH1 B ER0 AH0 T", "D IH0 L IH1 B ER0 EY2 T"),
      ("elaborate", "IH0 L AE1 B R AH0 T", "IH0 L AE1 B ER0 EY2 T"),
      ("alternate", "AO1 L T ER0 N AH0 T", "AO1 L T ER0 N EY2 T"),
      ("approximate", "AH0 P R AA1 K S AH0 M AH0 T", "AH0 P R AA1 K S AH0 M EY2 T"),
      ("coordinate", "K OW0 AO1 R D AH0 N AH0 T", "K OW0 AO1 R D AH0 N EY2 T"),
      ("animate", "AE1 N AH0 M AH0 T", "AE1 N AH0 M EY2 T"),
      ("intimate", "IH1 N T AH0 M AH0 T", "IH1 N T AH0 M EY2 T"),
      ("subordinate", "S AH0 B AO1 R D AH0 N AH0 T", "S AH0 B AO1 R D AH0 N EY2 T"),
    ] {
      add(word, noun, verb, .verb)
      if !word.hasSuffix("s"), !word.hasSuffix("se") {
        table[word + "s"] = Entry(
          usual: WordForms.withS(list(noun)), other: WordForms.withS(list(verb)), rules: [.verb])
      }
    }
    table["increases"] = Entry(
      usual: list("IH1 N K R IY2 S IH0 Z"), other: list("IH0 N K R IY1 S IH0 Z"), rules: [.verb])
    table["houses"] = Entry(usual: list("HH AW1 Z IH0 Z"), other: list("HH AW1 Z IH0 Z"), rules: [])
    // The verb is what is usual.
    add(
      "use", "Y UW1 Z", "Y UW1 S", .noun, .near(before: ["in", "much", "there's", "it's", "is", "was"], after: ["of"]))
    add(
      "uses", "Y UW1 Z IH0 Z", "Y UW1 S IH0 Z", .noun,
      .near(before: ["many", "several", "two", "three", "other", "has"], after: []))
    add(
      "used", "Y UW1 Z D", "Y UW1 S T", .near(before: ["get", "got", "getting", "not", "he's", "i'm"], after: ["to"]))
    add("excuse", "IH0 K S K Y UW1 Z", "IH0 K S K Y UW1 S", .noun)
    add(
      "refuse", "R AH0 F Y UW1 Z", "R EH1 F Y UW2 Z",
      .near(before: ["the", "of", "household", "garden"], after: ["collection", "bin", "bins", "truck", "dump"]))
    add(
      "produce", "P R AH0 D UW1 S", "P R OW1 D UW0 S",
      .near(
        before: ["fresh", "the", "local", "of", "organic", "their", "our", "more"],
        after: ["section", "aisle", "department", "stand", "market"]))
    add(
      "resume", "R IH0 Z UW1 M", "R EH1 Z AH0 M EY2",
      .near(before: ["your", "my", "his", "her", "a", "the", "their", "updated", "new", "impressive"], after: []))
    add(
      "close", "K L OW1 Z", "K L OW1 S",
      .near(
        before: [
          "so", "very", "too", "is", "was", "are", "were", "how", "a", "as", "get", "gets", "got", "getting", "came",
          "come", "comes", "stay", "stayed", "pretty", "really", "that's",
          "it's", "be", "been", "we're", "they're", "quite", "stand", "standing", "keep", "kept", "sit", "hold", "held",
          "drew", "near", "up", "my", "his", "her", "their", "our", "i'm", "you're", "fairly", "live", "lives", "lived",
          "this", "that", "move", "feel", "feels", "felt", "always", "extremely", "dangerously",
        ],
        after: [
          "to", "friend", "friends", "call", "range", "enough", "behind", "together", "attention", "look",
          "relationship", "relative", "relatives", "family", "game", "race", "finish", "encounter", "quarters",
        ]))
    add("closer", "K L OW1 S ER0", "K L OW1 Z ER0", .near(before: ["deal"], after: []))
    add(
      "live", "L IH1 V", "L AY1 V",
      .near(
        before: [
          "a", "the", "is", "are", "go", "going", "goes", "went", "watch", "broadcast", "you're", "we're", "they're",
          "it's", "perform", "performed", "performing", "recorded", "streamed", "play", "played", "sing", "of", "this",
          "with", "your", "appearing", "reporting", "coming", "see", "first", "their", "three", "no", "heard", "be",
          "some",
        ],
        after: [
          "music", "show", "shows", "broadcast", "concert", "concerts", "audience", "stream", "wire", "wires", "band",
          "bands", "performance", "performances", "tv", "television", "coverage", "recording", "recordings", "album",
          "bait", "animals", "chat", "video", "event", "events", "ammunition", "version", "set", "sound", "feed",
          "updates", "entertainment", "radio", "theater",
        ]))
    add(
      "lives", "L IH1 V Z", "L AY1 V Z",
      .near(
        before: [
          "our", "their", "your", "my", "his", "her", "these", "those", "the", "many", "nine", "saved", "saves", "save",
          "of", "two", "three", "several", "lost", "human", "people's", "cost", "both", "all", "private", "daily",
          "change", "changed", "whose", "more",
        ], after: ["were"]))
    add(
      "lead", "L IY1 D", "L EH1 D",
      .near(
        before: ["contains", "contain", "like", "molten", "liquid", "heavy", "unleaded", "toxic"],
        after: [
          "pipe", "pipes", "paint", "poisoning", "pencil", "pencils", "weight", "weights", "acid", "bullet", "bullets",
          "shot", "free", "content", "crystal", "roof", "levels", "ore", "mine", "mines", "exposure",
        ]),
      .around(["zinc", "copper", "tin", "mercury", "arsenic", "metal", "metals", "plumbing"]))
    add("wind", "W IH1 N D", "W AY1 N D", .verb, .near(before: ["to"], after: ["up", "down", "back", "it", "your"]))
    add(
      "winds", "W IH1 N D Z", "W AY1 N D Z",
      .near(
        before: ["road", "river", "path", "he", "she", "trail", "it", "stream", "street"],
        after: ["up", "through", "around", "its", "along", "uphill"]))
    add(
      "tear", "T IH1 R", "T EH1 R", .verb,
      .near(
        before: ["to", "wear"],
        after: ["up", "down", "apart", "off", "it", "the", "out", "into", "along", "open", "in"]))
    add(
      "tears", "T IH1 R Z", "T EH1 R Z",
      .near(
        before: ["he", "she", "it", "who", "that", "paper", "easily", "fabric"],
        after: ["up", "apart", "off", "it", "the", "open", "easily"]))
    add(
      "bow", "B OW1", "B AW1",
      .near(
        before: ["to", "we", "they", "i", "you", "final", "deep", "please", "ship's", "slight", "must", "ship"],
        after: ["down", "to", "before", "out", "your", "of", "low", "wave", "thruster"]),
      .around(["ship", "boat", "stern", "curtain", "take", "took", "queen", "king", "applause"]))
    add(
      "bows", "B OW1 Z", "B AW1 Z",
      .near(
        before: ["he", "she", "it", "who", "take", "took", "several", "their"],
        after: ["to", "down", "before", "out", "low", "and"]))
    add(
      "bass", "B EY1 S", "B AE1 S",
      .around([
        "fish", "fishing", "lake", "caught", "catch", "striped", "largemouth", "river", "trout", "grilled", "fried",
        "sea", "pond", "angler", "hook",
      ]))
    add(
      "dove", "D AH1 V", "D OW1 V",
      .near(
        before: ["he", "she", "i", "we", "they", "it", "who", "diver", "then"],
        after: ["into", "in", "down", "off", "for", "under", "deep", "headfirst"]))
    add(
      "wound", "W UW1 N D", "W AW1 N D",
      .near(
        before: ["he", "she", "i", "we", "they", "clock", "road", "river", "trail", "path", "tightly"],
        after: ["up", "around", "down", "its", "through", "along", "his", "her", "tightly"]))
    add("sow", "S OW1", "S AW1", .near(before: ["a", "the", "old", "fat", "mother", "our"], after: ["and", "lay"]))
    add(
      "minute", "M IH1 N AH0 T", "M AY0 N UW1 T",
      .near(
        before: ["very", "so", "almost", "extremely"],
        after: ["detail", "details", "amount", "amounts", "traces", "quantities", "differences", "particles"]))
    add(
      "content", "K AA1 N T EH0 N T", "K AH0 N T EH1 N T",
      .near(
        before: [
          "is", "was", "be", "are", "were", "feel", "felt", "feels", "am", "very", "quite", "seem", "seems", "seemed",
          "i'm", "perfectly", "not", "he's", "she's", "looked",
        ], after: ["with", "to"]))
    add(
      "invalid", "IH2 N V AE1 L AH0 D", "IH1 N V AH0 L AH0 D",
      .near(before: ["an", "elderly", "poor"], after: ["chair", "carriage"]), .around([]))
    add("polish", "P AA1 L IH0 SH", "P AA1 L IH0 SH")
    add("putting", "P UH1 T IH0 NG", "P AH1 T IH0 NG", .near(before: [], after: ["green", "greens"]))
    add("buffet", "B AH0 F EY1", "B AH1 F AH0 T", .verb)
    add("number", "N AH1 M B ER0", "N AH1 M ER0", .near(before: ["feel", "feels", "even"], after: ["than"]))
    add("august", "AO1 G AH0 S T", "AA0 G AH1 S T", .near(before: ["an", "most"], after: ["body", "assembly"]))
    add("does", "D AH1 Z", "D OW1 Z", .near(before: [], after: ["and bucks"]))
    add(
      "axes", "AE1 K S IH0 Z", "AE1 K S IY2 Z", .around(["x", "y", "graph", "chart", "plot", "rotation", "coordinate"]))
    add(
      "moped", "M OW1 P EH0 D", "M OW1 P T",
      .near(before: ["he", "she", "they", "i", "we"], after: ["around", "about"]))
    add(
      "learned", "L ER1 N D", "L ER1 N IH0 D",
      .near(before: [], after: ["professor", "judge", "colleague", "counsel", "scholar", "society"]))
    add(
      "aged", "EY1 JH D", "EY1 JH IH0 D",
      .near(before: ["the", "an"], after: ["aunt", "uncle", "mother", "father", "parents", "man", "woman"]))
    add(
      "blessed", "B L EH1 S T", "B L EH1 S IH0 D",
      .near(before: ["the", "that"], after: ["virgin", "saint", "mother", "sacrament", "thing"]))
    return table
  }()
}

/// Short words whose vowels the next word decides.
enum WeakForms {
  private static func list(_ names: String) -> [Phoneme] {
    names.split(separator: " ").compactMap { Phoneme(String($0)) }
  }
  private static let forms: [String: (vowel: [Phoneme], consonant: [Phoneme], end: [Phoneme])] = [
    "the": (list("DH IY0"), list("DH AH0"), list("DH AH0")), "to": (list("T UW0"), list("T AH0"), list("T UW1")),
    "a": (list("AH0"), list("AH0"), list("AH0")), "an": (list("AE1 N"), list("AE1 N"), list("AE1 N")),
  ]

  /// The form of a word before another one's phonemes; `nil` of a word that has but one.
  static func phonemes(of word: String, before next: [Phoneme]?) -> [Phoneme]? {
    guard let forms = forms[word] else { return nil }
    guard let first = next?.first else { return forms.end }
    return first.isVowel ? forms.vowel : forms.consonant
  }
}
