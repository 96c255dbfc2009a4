/// Proportions and scales: `2:1`, `4:3:2`, `1:50,000`, `16:9`.
enum Ratios {
  private static let context: Set<String> = [
    "ratio", "ratios", "scale", "scaled", "mix", "mixed", "dilute", "diluted", "odds", "built", "majority",
    "proportion",
    "weight", "gear", "aspect", "brew", "parts", "model", "solution", "beat", "margin", "volume",
  ]

  /// Whether what could be a time is a proportion: one is spoken of near by.
  static func isLikely(_ tokens: TextTokens, at index: Int, behind end: Int) -> Bool {
    tokens.hasWord(of: context, before: index, within: 6) || tokens.hasWord(of: context, from: end, within: 3)
  }

  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard let first = tokens.number(at: index), tokens.isGlued(":", at: first.end) else { return nil }
    var words = [first.cardinal]
    var end = first.end
    while tokens.isGlued(":", at: end), tokens.isGlued(end + 1), let next = tokens.number(at: end + 1) {
      words.append(next.cardinal)
      end = next.end
    }
    guard words.count > 1 else { return nil }
    let isScreen =
      tokens.hasWord(of: ["aspect", "screen", "widescreen"], before: index, within: 6)
      || tokens.hasWord(of: ["aspect", "screen", "video", "display"], from: end, within: 2)
    return ExpressionReading(words.joined(separator: isScreen ? " by " : " to "), index..<end)
  }
}
