/// A built-in font of 5 x 8 pixels (one row for descenders): the shapes of small displays, printable ASCII.
enum PixelFont {
  /// Pixels from one character to the next.
  static let advance = 6
  /// Rows above the descenders' row.
  static let height = 7

  /// Whether a character has ink at a column 0...4 and row 0...7; nowhere outside.
  static func hasInk(_ character: UInt8, _ column: Int, _ row: Int) -> Bool {
    let index = Int(character) - 0x20
    guard glyphs.indices.contains(index), (0..<5).contains(column), (0..<8).contains(row) else { return false }
    return glyphs[index] >> UInt64(column * 8 + row) & 1 == 1
  }

  /// Text in the font's characters: common accents and typographic signs become plain ones, runs of others one `?`.
  static func characters(of text: String) -> [UInt8] {
    var result: [UInt8] = []
    var isUnknown = false
    for scalar in text.unicodeScalars {
      if let plain = plain(scalar) {
        result += plain.utf8
        isUnknown = false
      } else if !isUnknown {
        result.append(UInt8(ascii: "?"))
        isUnknown = true
      }
    }
    return result
  }

  private static func plain(_ scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "\u{20}"..."\u{7e}": return String(scalar)
    case "\u{c0}"..."\u{ff}": return String(latin[Int(scalar.value) - 0xc0])
    case "\u{300}"..."\u{36f}": return ""
    case "\u{2018}", "\u{2019}": return "'"
    case "\u{201c}"..."\u{201e}", "\u{ab}", "\u{bb}": return "\""
    case "\u{2013}", "\u{2014}", "\u{b7}": return "-"
    case "\u{2026}": return "..."
    case "\n", "\t", "\u{a0}": return " "
    default: return nil
    }
  }

  /// Base letters of U+00C0 to U+00FF.
  private static let latin = Array("AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty")

  /// One number per character from the space on; byte n is column n, the lowest bit its top pixel.
  private static let glyphs: [UInt64] = [
    0x0000000000, 0x00005f0000, 0x0007000700, 0x147f147f14, 0x122a7f2a24, 0x6264081323, 0x5020564936, 0x0003070800,
    0x0041221c00, 0x001c224100, 0x2a1c7f1c2a, 0x08083e0808, 0x0030708000, 0x0808080808, 0x0060600000, 0x0204081020,
    0x3e4549513e, 0x00407f4200, 0x4649494972, 0x334d494121, 0x107f121418, 0x3945454527, 0x3149494a3c, 0x0709112141,
    0x3649494936, 0x1e29494946, 0x0000140000, 0x0000344000, 0x4122140800, 0x1414141414, 0x0814224100, 0x0609590102,
    0x4e595d413e, 0x7c1211127c, 0x364949497f, 0x224141413e, 0x3e4141417f, 0x414949497f, 0x010909097f, 0x735141413e,
    0x7f0808087f, 0x00417f4100, 0x013f414020, 0x412214087f, 0x404040407f, 0x7f021c027f, 0x7f1008047f, 0x3e4141413e,
    0x060909097f, 0x5e2151413e, 0x462919097f, 0x3249494926, 0x03017f0103, 0x3f4040403f, 0x1f2040201f, 0x3f4038403f,
    0x6314081463, 0x0304780403, 0x434d495961, 0x4141417f00, 0x2010080402, 0x7f41414100, 0x0402010204, 0x4040404040,
    0x0008070300, 0x4078545420, 0x384444287f, 0x2844444438, 0x7f28444438, 0x1854545438, 0x02097e0800, 0x789ca4a418,
    0x780404087f, 0x00407d4400, 0x003d404020, 0x004428107f, 0x00407f4100, 0x780478047c, 0x780404087c, 0x3844444438,
    0x18242418fc, 0xfc18242418, 0x080404087c, 0x2454545448, 0x24443f0404, 0x7c2040403c, 0x1c2040201c, 0x3c4030403c,
    0x4428102844, 0x7c9090904c, 0x444c546444, 0x0041360800, 0x0000770000, 0x0008364100, 0x0204020102,
  ]
}
