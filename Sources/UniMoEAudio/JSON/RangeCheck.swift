/// Checks of a configuration file's values; errors name the file and the key path.
struct RangeCheck {
  /// The file whose values are checked.
  let path: String

  /// Returns `value` if it is in `range`.
  func integer(_ value: Int, in range: ClosedRange<Int>, _ field: String) throws(UniMoEError) -> Int {
    try require(
      range.contains(value), field, "an integer from \(range.lowerBound) to \(range.upperBound)", "\(value)")
    return value
  }

  /// Returns an integer of a JSON document if it is in `range`.
  func integer(_ value: JSONInteger, in range: ClosedRange<Int>, _ field: String) throws(UniMoEError) -> Int {
    try integer(value.value, in: range, field)
  }

  /// Returns an integer that may be written with a decimal point, as `0.0`.
  func whole(_ value: Double, in range: ClosedRange<Int>, _ field: String) throws(UniMoEError) -> Int {
    guard let whole = Int(exactly: value) else {
      throw UniMoEError(.model, path, field: field, expected: "a whole number", found: "\(value)")
    }
    return try integer(whole, in: range, field)
  }

  /// Returns `value` if it is in `range`.
  func number(_ value: Double, in range: ClosedRange<Double>, _ field: String) throws(UniMoEError) -> Double {
    try require(range.contains(value), field, "a number from \(range.lowerBound) to \(range.upperBound)", "\(value)")
    return value
  }

  /// Throws unless a condition holds.
  func require(
    _ isValid: Bool, _ field: String, _ expected: @autoclosure () -> String, _ found: @autoclosure () -> String
  ) throws(UniMoEError) {
    if !isValid { throw UniMoEError(.model, path, field: field, expected: expected(), found: found()) }
  }
}
