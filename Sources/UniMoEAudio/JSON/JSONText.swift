import FoundationEssentials

/// A JSON document from outside: bounded in size and depth, no key twice, decoded with errors that name file and field.
package struct JSONText {
  /// Deeper nesting is refused before the decoder sees it.
  static let depthLimit = 32
  /// Larger files are refused before they are read.
  package static let defaultSizeLimit = 16 << 20

  private let bytes: UnsafeRawBufferPointer
  private let path: String
  private let sizeLimit: Int

  /// Wraps a document that lies in memory and stays there.
  init(_ bytes: UnsafeRawBufferPointer, path: String, sizeLimit: Int = defaultSizeLimit) {
    self.bytes = bytes
    self.path = path
    self.sizeLimit = sizeLimit
  }

  /// Reads and decodes a file.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from path: String, sizeLimit: Int = defaultSizeLimit
  ) throws(UniMoEError) -> Value {
    try SharedBytes(mapping: path).withBytes { (bytes) throws(UniMoEError) in
      try JSONText(bytes, path: path, sizeLimit: sizeLimit).decode(type)
    }
  }

  /// Decodes the document.
  ///
  /// Throws an error that names the key path, what was expected and what was found.
  func decode<Value: Decodable>(_ type: Value.Type) throws(UniMoEError) -> Value {
    if bytes.count > sizeLimit {
      throw UniMoEError(.model, path, expected: "at most \(sizeLimit) bytes of JSON", found: "\(bytes.count)")
    }
    try checkEncoding()
    if let problem = JSONStructure.problem(in: bytes, depthLimit: Self.depthLimit) {
      throw UniMoEError(.model, path, problem)
    }
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw Self.translate(error, path: path)
    } catch {
      throw UniMoEError(.model, path, "not what was expected")
    }
  }

  /// The decoder would also take UTF-16 and UTF-32, which the check of the structure does not read.
  private func checkEncoding() throws(UniMoEError) {
    let start = bytes.prefix(4)
    if start.isEmpty { throw UniMoEError(.model, path, "empty where JSON should be") }
    if start.contains(0) || start[0] >= 0x80 { throw UniMoEError(.model, path, "not JSON in UTF-8") }
  }

  private static func translate(_ error: DecodingError, path: String) -> UniMoEError {
    switch error {
    case .keyNotFound(let key, let context):
      return UniMoEError(.model, path, field: keyPath(context.codingPath + [key]), "missing")
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return UniMoEError(
        .model, path, field: keyPath(context.codingPath), expected: name(of: type), found: found(context))
    // The text was found to be JSON before, so what is left are numbers.
    case .dataCorrupted(let context):
      return UniMoEError(.model, path, field: keyPath(context.codingPath), "a number out of range")
    @unknown default:
      return UniMoEError(.model, path, "not what was expected")
    }
  }

  private static func keyPath(_ keys: [any CodingKey]) -> String {
    keys.map { $0.intValue.map { "[\($0)]" } ?? readable($0.stringValue) }.joined(separator: ".")
  }

  private static func name(of type: Any.Type) -> String {
    switch type {
    case is Int.Type, is Int32.Type, is JSONInteger.Type: "an integer"
    case is Double.Type, is Float.Type: "a number"
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is [Any].Type: "an array"
    default: "an object"
    }
  }

  /// What the decoder found: it says so in the sentence "… but found a string instead."
  private static func found(_ context: DecodingError.Context) -> String {
    let text = context.debugDescription
    guard let start = text.firstRange(of: "found ")?.upperBound else { return "null" }
    let rest = text[start...]
    let kind = rest[..<(rest.firstRange(of: " instead")?.lowerBound ?? rest.endIndex)]
    return kind == "number" ? "a number" : kind == "null value" ? "null" : String(kind)
  }
}

/// Any key of a JSON object.
struct JSONKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
