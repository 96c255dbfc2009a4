/// What is wrong with a configuration: where it stands, what was expected, what was found. One line.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file with its line, the environment variable or the option that was wrong.
  public var place: String
  /// The setting; empty where the whole place is meant.
  public var key: String
  /// The problem, as "expected X, found Y" where something was compared.
  public var problem: String

  /// Creates an error from its parts.
  public init(_ place: String, key: String = "", _ problem: String) {
    self.place = place
    self.key = key
    self.problem = problem
  }

  /// Creates an error that compares what was needed with what was there.
  public init(_ place: String, key: String = "", expected: String, found: String) {
    self.init(place, key: key, "expected \(expected), found \(found)")
  }

  /// The whole error on one line.
  public var description: String {
    let line = key.isEmpty ? "\(place): \(problem)" : "\(place): \(key.prefix(80)): \(problem)"
    // Keys and file names may hold anything.
    return String(String.UnicodeScalarView(line.unicodeScalars.map { Self.isPrintable($0) ? $0 : "?" }))
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}
