/// A configuration file in TOML 1.0, as far as the daemon's settings need it: tables, bare, quoted and dotted keys,
/// one-line strings, integers, floats, booleans and arrays. Dates, inline tables, arrays of tables and multi-line
/// strings are refused by name.
///
/// It is read here rather than by a package, because every error about a value has to name the value's line, and the
/// packages that bind a TOML library tell lines of syntax errors only.
public struct TOMLFile: Sendable {
  /// One assignment.
  public struct Entry: Equatable, Sendable {
    /// The full key, its parts joined by dots.
    public var key: String
    /// The line that it stands on, from 1.
    public var line: Int
    /// The value.
    public var value: TOMLValue
  }

  /// The largest file that is read, in bytes.
  public static let byteLimit = 1 << 20

  /// The assignments, in the order of the file.
  public let entries: [Entry]

  /// Reads the text of a file, whose name stands in the errors.
  public init(_ bytes: some Collection<UInt8>, file: String) throws(ConfigurationError) {
    guard bytes.count <= Self.byteLimit else {
      throw ConfigurationError(file, expected: "at most \(Self.byteLimit) bytes", found: "\(bytes.count)")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationError(file, expected: "UTF-8 text", found: "other bytes")
    }
    var reader = TOMLReader(text, file: file)
    entries = try reader.readAll()
  }
}
