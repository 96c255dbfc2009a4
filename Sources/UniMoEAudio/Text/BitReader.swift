/// Reads bits, the highest one of a byte first.
struct BitReader {
  /// What stands in the place of what was expected.
  struct Fault: Error {
    let expected: String
    let found: String
  }

  private let bytes: UnsafeRawBufferPointer
  private var bit: Int

  init(_ bytes: UnsafeRawBufferPointer, position: Int) {
    self.bytes = bytes
    bit = position * 8
  }

  /// The first whole byte that was not touched.
  var end: Int { (bit + 7) / 8 }

  mutating func next() throws(Fault) -> Int {
    guard bit / 8 < bytes.count else {
      throw Fault(expected: "letters and phonemes", found: "the end of the words")
    }
    defer { bit += 1 }
    return Int(bytes[bit / 8] >> (7 - UInt8(bit % 8))) & 1
  }

  mutating func next(_ count: Int) throws(Fault) -> Int {
    var value = 0
    for _ in 0..<count { value = value << 1 | (try next()) }
    return value
  }

  /// A number of at least 1 in Elias' gamma code.
  mutating func gamma() throws(Fault) -> Int {
    var zeros = 0
    while try next() == 0 {
      zeros += 1
      if zeros > 12 { throw Fault(expected: "a number below 8192", found: "a larger one") }
    }
    return 1 << zeros | (try next(zeros))
  }
}
