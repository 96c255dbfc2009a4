@_spi(_Unicode) import Swift

/// A text in plain characters, each of which knows where in the original it comes from.
///
/// Quotes, dashes, spaces, ligatures, full-width and accented Latin letters become their ASCII relatives, what cannot be
/// seen is dropped; tags and marks of Markdown and HTML become breaks. Everything else stays for the readers.
struct CleanText {
  /// The characters.
  var scalars: [Unicode.Scalar] = []
  /// Where in the original each character begins, in Unicode scalars.
  var starts: [Int32] = []
  /// Where in the original it ends.
  var ends: [Int32] = []

  /// Adds a character that stands for a part of the original.
  mutating func append(_ scalar: Unicode.Scalar, _ range: Range<Int>) {
    scalars.append(scalar)
    starts.append(Int32(range.lowerBound))
    ends.append(Int32(range.upperBound))
  }

  /// Adds characters that stand for the same part of the original.
  mutating func append(_ text: String, _ range: Range<Int>) {
    for scalar in text.unicodeScalars { append(scalar, range) }
  }

  /// A word in plain characters.
  static func plain(_ word: String) -> String {
    var plain = String.UnicodeScalarView()
    for scalar in CleanText(word).scalars { plain.append(scalar) }
    return String(plain)
  }

  /// Cleans a text.
  init(_ text: String) {
    let original = Array(text.unicodeScalars)
    scalars.reserveCapacity(original.count)
    starts.reserveCapacity(original.count)
    ends.reserveCapacity(original.count)
    var markup = MarkupReader(original)
    var position = 0
    while position < original.count {
      if let removed = markup.read(at: position) {
        append(removed.replacement, position..<removed.end)
        position = removed.end
        continue
      }
      let scalar = original[position]
      let range = position..<(position + 1)
      position += 1
      if scalar.value < 0x80 {
        // Control characters but white space say nothing.
        if scalar.value >= 0x20 && scalar.value != 0x7F || [0x09, 0x0A, 0x0D].contains(scalar.value) {
          append(scalar == "\r" ? "\n" : scalar, range)
          if scalar == "\r", position < original.count, original[position] == "\n" { position += 1 }
        }
      } else if let plain = PlainCharacters.table[scalar] {
        append(plain, range)
      } else if let folded = PlainCharacters.folded(scalar) {
        append(folded, range)
      } else {
        append(scalar, range)
      }
    }
  }
}

/// Characters and what they are read as.
enum PlainCharacters {
  /// Characters with a relative that decomposition does not find, or finds too much of.
  static let table: [Unicode.Scalar: String] = {
    var table: [Unicode.Scalar: String] = [:]
    func add(_ characters: String, _ plain: String) {
      for scalar in characters.unicodeScalars { table[scalar] = plain }
    }
    add("\u{2018}\u{2019}\u{201A}\u{201B}\u{2032}\u{02BC}\u{02B9}\u{00B4}\u{0060}\u{FF07}", "'")
    add("\u{201C}\u{201D}\u{201E}\u{201F}\u{2033}\u{00AB}\u{00BB}\u{2039}\u{203A}\u{300C}\u{300D}\u{FF02}", "\"")
    add("\u{2010}\u{2011}\u{00AD}", "-")
    table["\u{00AD}"] = ""
    add("\u{2012}\u{2013}", "\u{2013}")
    add("\u{2014}\u{2015}\u{2E3A}\u{2E3B}", "\u{2014}")
    add("\u{2212}\u{FE63}\u{FF0D}", "\u{2212}")
    add("\u{2026}\u{22EF}", "...")
    add("\u{2025}", "..")
    add("\u{2044}\u{2215}\u{FF0F}", "/")
    add("\u{2236}\u{FF1A}", ":")
    add("\u{2215}", "/")
    add("\u{00D7}\u{2715}\u{2716}", "\u{00D7}")
    add("\u{00B7}\u{22C5}", "\u{00B7}")
    add("\u{2028}", "\n")
    add("\u{2029}\u{000C}", "\n\n")
    add("\u{0085}", "\n")
    add("\u{203D}\u{2049}\u{2048}", "?!")
    add("\u{203C}", "!!")
    add("\u{2047}", "??")
    add("\u{00BF}\u{00A1}", "")
    // Nothing to be seen: joiners, marks of direction, variation selectors, byte order marks.
    for value in [
      0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F, 0xE0100...0xE01EF, 0xFEFF...0xFEFF,
    ]
      as [ClosedRange<UInt32>]
    {
      for scalar in value.compactMap(Unicode.Scalar.init) { table[scalar] = "" }
    }
    for value in [0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000]
      as [ClosedRange<UInt32>]
    {
      for scalar in value.compactMap(Unicode.Scalar.init) { table[scalar] = " " }
    }
    for (letters, plain) in [
      ("Æ", "AE"), ("æ", "ae"), ("Œ", "OE"), ("œ", "oe"), ("Ø", "O"), ("ø", "o"), ("ß", "ss"), ("ẞ", "SS"), ("Ð", "D"),
      ("ð", "d"), ("Þ", "Th"), ("þ", "th"), ("Ł", "L"), ("ł", "l"), ("Đ", "D"), ("đ", "d"), ("ı", "i"), ("Ħ", "H"),
      ("ħ", "h"), ("ŋ", "ng"), ("Ŋ", "Ng"), ("ĸ", "k"), ("ſ", "s"), ("ƒ", "f"), ("ﬀ", "ff"), ("ﬁ", "fi"), ("ﬂ", "fl"),
      ("ﬃ", "ffi"), ("ﬄ", "ffl"), ("ﬅ", "st"), ("ﬆ", "st"), ("Ĳ", "IJ"), ("ĳ", "ij"), ("№", "No."), ("℠", ""),
      ("™", ""),
      ("®", ""), ("©", ""), ("℅", "care of"), ("。", "."), ("、", ","), ("，", ","), ("！", "!"), ("？", "?"),
    ] {
      add(letters, plain)
    }
    // Full-width forms of ASCII.
    for value in UInt32(0xFF01)...0xFF5E where table[Unicode.Scalar(value) ?? " "] == nil {
      if let wide = Unicode.Scalar(value), let plain = Unicode.Scalar(value - 0xFEE0) { table[wide] = String(plain) }
    }
    return table
  }()

  /// A Latin letter without its marks, nothing for a mark that stands alone; `nil` for every other character.
  static func folded(_ scalar: Unicode.Scalar) -> String? {
    let value = scalar.value
    if (0x300...0x36F).contains(value) { return "" }
    guard (0xC0...0x24F).contains(value) || (0x1E00...0x1EFF).contains(value) else { return nil }
    for base in String(scalar)._nfd { return String(base.isASCII ? base : scalar) }
    return nil
  }
}
