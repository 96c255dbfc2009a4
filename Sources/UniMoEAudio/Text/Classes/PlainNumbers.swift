/// A number that nothing says more about.
enum PlainNumbers {
  static func read(_ tokens: TextTokens, at index: Int) -> ExpressionReading? {
    guard let number = tokens.number(at: index) else { return nil }
    return ExpressionReading(number.spoken, index..<number.end)
  }
}
