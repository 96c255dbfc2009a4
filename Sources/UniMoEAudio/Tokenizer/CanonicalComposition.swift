@_spi(_Unicode) import Swift

/// Unicode normalisation form C of a whole text, in time that grows with its length for every text.
///
/// The Unicode version is the toolchain's; composed forms never change between versions for characters that both know.
enum CanonicalComposition {
  /// The UTF-8 of a text's normalisation form C.
  static func utf8(_ text: String) -> [UInt8] {
    var text = text
    if let bytes = text.withUTF8({ $0.allSatisfy { $0 < 0x80 } ? Array($0) : nil }) { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    for scalar in prepared(text)._nfc {
      result.append(contentsOf: Unicode.UTF8.encode(scalar) ?? .encodedReplacementCharacter)
    }
    return result
  }

  /// Longer runs of combining marks are sorted before the standard library sees them: it sorts by insertion, which
  /// takes hours for a megabyte of them.
  private static let longRun = 32

  /// A canonically equivalent text that the standard library composes correctly and fast.
  private static func prepared(_ text: String) -> String {
    guard needsPreparation(text) else { return text }
    var result = String.UnicodeScalarView()
    var run: [Unicode.Scalar] = []
    func flush() {
      if run.count > longRun {
        // Stable: marks of one class keep their order.
        let order = run.indices.sorted { (combiningClass(run[$0]), $0) < (combiningClass(run[$1]), $1) }
        result.append(contentsOf: order.map { run[$0] })
      } else {
        result.append(contentsOf: run)
      }
      run.removeAll(keepingCapacity: true)
    }
    for scalar in text.unicodeScalars {
      if let marks = marks(of: scalar) {
        run += marks
      } else if combiningClass(scalar) != 0 {
        run.append(scalar)
      } else {
        flush()
        result.append(scalar)
      }
    }
    flush()
    return String(result)
  }

  private static func needsPreparation(_ text: String) -> Bool {
    var length = 0
    for scalar in text.unicodeScalars {
      if marks(of: scalar) != nil { return true }
      length = combiningClass(scalar) != 0 ? length + 1 : 0
      if length > longRun { return true }
    }
    return false
  }

  private static func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 {
    scalar.value < 0x300 ? 0 : scalar.properties.canonicalCombiningClass.rawValue
  }

  private static func marks(of scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
    (0xF73...0xF81).contains(scalar.value) ? pairs[scalar] : nil
  }

  /// The starters that decompose into two combining marks and never come back together. The standard library leaves
  /// their marks out of the order of the marks around them.
  private static let pairs: [Unicode.Scalar: [Unicode.Scalar]] = [
    "\u{F73}": ["\u{F71}", "\u{F72}"], "\u{F75}": ["\u{F71}", "\u{F74}"], "\u{F81}": ["\u{F71}", "\u{F80}"],
  ]
}
