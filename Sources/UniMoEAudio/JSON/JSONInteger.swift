/// An integer in a JSON document. The decoder's own error for one that is fractional or too large says neither the key
/// nor the number; this one does.
struct JSONInteger: Decodable, Equatable, Sendable {
  /// The integer.
  let value: Int

  /// Wraps an integer.
  init(_ value: Int) { self.value = value }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      value = try container.decode(Int.self)
    } catch let error as DecodingError where !error.isCorruption {
      throw error
    } catch {
      let found = (try? container.decode(Double.self)).map { "\($0)" } ?? "a number out of range"
      let context = DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "found \(found) instead")
      throw DecodingError.typeMismatch(Int.self, context)
    }
  }
}

extension DecodingError {
  /// Whether the error is about the text and not about what it says.
  fileprivate var isCorruption: Bool {
    if case .dataCorrupted = self { return true }
    return false
  }
}
