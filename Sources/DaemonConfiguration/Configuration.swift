/// All settings, each with its value and where the value comes from.
public struct Configuration: Equatable, Sendable {
  /// A value and its origin: `built-in`, `FILE:LINE`, a variable's name or an option.
  public struct Item: Equatable, Sendable {
    /// The value; of the setting's kind and in its range.
    public var value: TOMLValue
    /// Who set it.
    public var origin: String
  }

  private var items: [SettingKey: Item]

  /// The built-in configuration.
  public init() {
    items = Dictionary(
      uniqueKeysWithValues: SettingKey.allCases.map { ($0, Item(value: $0.builtIn, origin: "built-in")) })
  }

  /// A setting's value and origin.
  public subscript(key: SettingKey) -> Item { items[key] ?? Item(value: key.builtIn, origin: "built-in") }

  /// Sets a value. Throws unless it is of the setting's kind and in its range.
  public mutating func set(_ key: SettingKey, to value: TOMLValue, origin: String) throws(ConfigurationError) {
    items[key] = Item(value: try Self.checked(value, for: key, origin: origin), origin: origin)
  }

  /// Sets a value from text, as environment and options give it: lists are separated by commas.
  public mutating func set(_ key: SettingKey, toText text: String, origin: String) throws(ConfigurationError) {
    try set(key, to: Self.value(of: text, for: key), origin: origin)
  }

  /// Sets what a file says. Throws for keys that there are not.
  public mutating func merge(_ file: TOMLFile, name: String) throws(ConfigurationError) {
    for entry in file.entries {
      let place = "\(name):\(entry.line)"
      guard let key = SettingKey(rawValue: entry.key) else { throw Self.unknown(entry.key, place: place) }
      try set(key, to: entry.value, origin: place)
    }
  }

  /// The error of an unknown setting, with the likeliest one that was meant.
  public static func unknown(_ key: String, place: String) -> ConfigurationError {
    let name = key.split(separator: ".").last ?? ""
    let near = SettingKey.allCases.first { !name.isEmpty && $0.rawValue.hasSuffix(".\(name)") }
    let table = SettingKey.allCases.filter { $0.rawValue.hasPrefix((key.split(separator: ".").first ?? "") + ".") }
    let known = (near.map { [$0] } ?? (table.isEmpty ? SettingKey.allCases : table)).map(\.rawValue)
    return ConfigurationError(place, key: key, "unknown setting; known: \(known.joined(separator: ", "))")
  }

  /// The whole configuration as a file that gives it again, each value with its origin.
  public var text: String {
    var (lines, table): ([String], Substring) = ([], "")
    for key in SettingKey.allCases {
      let parts = key.rawValue.split(separator: ".", maxSplits: 1)
      if parts[0] != table {
        table = parts[0]
        lines += (lines.isEmpty ? [] : [""]) + ["[\(table)]"]
      }
      lines.append("# \(key.summary)")
      lines.append("\(parts[1]) = \(self[key].value.text)  # \(self[key].origin)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The settings whose values differ from another configuration's.
  public func differences(from other: Configuration) -> [SettingKey] {
    SettingKey.allCases.filter { self[$0].value != other[$0].value }
  }

  /// This configuration with the values that cannot change while the daemon runs taken from another one.
  public func keepingConstants(of other: Configuration) -> Configuration {
    var result = self
    for key in SettingKey.allCases where !key.isReloadable { result.items[key] = other[key] }
    return result
  }

  private static func checked(
    _ value: TOMLValue, for key: SettingKey, origin: String
  ) throws(ConfigurationError) -> TOMLValue {
    let expected: String
    switch (key.kind, value) {
    case (.text, .string(let text)):
      if !text.utf8.contains(0) { return value }
      expected = "a text without zero bytes"
    case (.text, _): expected = "a text in quotes"
    case (.choice(let words), _):
      if case .string(let word) = value, words.contains(word) { return value }
      expected = words.map { "\"\($0)\"" }.joined(separator: ", ")
    case (.integer(let range), _):
      if case .integer(let number) = value, range.contains(number) { return value }
      expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case (.number(let range), _):
      if case .integer(let number) = value, range.contains(Double(number)) { return .float(Double(number)) }
      if case .float(let number) = value, range.contains(number) { return value }
      expected = "a number from \(range.lowerBound) to \(range.upperBound)"
    case (.flag, _):
      if case .boolean = value { return value }
      expected = "true or false"
    case (.list, _):
      let isListOfTexts: (TOMLValue) -> Bool = {
        if case .string(let text) = $0 { !text.utf8.contains(0) } else { false }
      }
      if case .array(let values) = value, values.allSatisfy(isListOfTexts) { return value }
      expected = "a list of texts"
    }
    throw ConfigurationError(origin, key: key.rawValue, expected: expected, found: value.inWords)
  }

  private static func value(of text: String, for key: SettingKey) -> TOMLValue {
    switch key.kind {
    case .text, .choice: .string(text)
    case .integer: Int(text).map(TOMLValue.integer) ?? .string(text)
    case .number: Double(text).map(TOMLValue.float) ?? .string(text)
    case .flag: Bool(text).map(TOMLValue.boolean) ?? .string(text)
    case .list: .array(text.split(separator: ",").map { .string(String($0)) })
    }
  }
}

extension Configuration {
  /// A text setting. Empty for settings of another kind.
  public func text(_ key: SettingKey) -> String { if case .string(let text) = self[key].value { text } else { "" } }
  /// A text setting; nil where it is empty.
  public func optionalText(_ key: SettingKey) -> String? { text(key).isEmpty ? nil : text(key) }
  /// A whole number. 0 for settings of another kind.
  public func integer(_ key: SettingKey) -> Int { if case .integer(let number) = self[key].value { number } else { 0 } }
  /// A number. 0 for settings of another kind.
  public func number(_ key: SettingKey) -> Double { if case .float(let number) = self[key].value { number } else { 0 } }
  /// A yes or no. No for settings of another kind.
  public func flag(_ key: SettingKey) -> Bool { self[key].value == .boolean(true) }
  /// A list of texts. Empty for settings of another kind.
  public func list(_ key: SettingKey) -> [String] {
    guard case .array(let values) = self[key].value else { return [] }
    return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }
}
