/// Words and how they sound: a file that is read where it is needed, never as a whole.
///
/// Layout, little endian: the eight bytes `UMLEXICN`; version 1, number of words, number of blocks, byte offset and length
/// of the graphones, of the words and of the letter-to-sound model (nine `UInt32`); then, per block, the `UInt32` offset of
/// its first word from the words' beginning. A block holds 16 words in the order of their bytes. A word is the number of
/// letters it shares with the word before it in its block, its other letters (the last one with bit 7 set; a lone 0x80
/// where there are none), then bits, the highest one of a byte first, up to a whole byte: for each pronunciation whether
/// another one follows, and whether it is told by its letters. If so, for each letter from a to z the rank of its graphone
/// plus 1 in Elias' gamma code; else, in that code, the number of phonemes, and of each 7 bits.
///
/// `unimoe-train lexicon` makes it. Thread: any.
public final class Lexicon: Sendable {
  /// How many words it lists.
  public let wordCount: Int
  /// How words sound that it does not list; `nil` if the file has no such model.
  let letterToSound: LetterToSound?

  let graphones: Graphones
  private let blocks: SharedBytes
  private let words: SharedBytes

  static let magic = Array("UMLEXICN".utf8)
  static let blockSize = 16
  private static let headerSize = 8 + 9 * 4
  private static let longestWord = 64

  /// Opens a lexicon.
  ///
  /// Throws an error of kind `model` that names the file and what is wrong with it.
  public convenience init(path: String) throws(UniMoEError) {
    try self.init(SharedBytes(mapping: path), path: path)
  }

  /// Reads a lexicon in memory. Every word is checked, so that look-ups cannot fail.
  init(_ bytes: SharedBytes, path: String) throws(UniMoEError) {
    func fail(_ field: String, _ expected: String, _ found: String) -> UniMoEError {
      UniMoEError(.model, path, field: field, expected: expected, found: found)
    }
    let header: [Int] = try bytes.withBytes { bytes throws(UniMoEError) in
      guard bytes.count >= Self.headerSize, bytes.prefix(8).elementsEqual(Self.magic) else {
        throw fail("header", "a lexicon made by unimoe-train", "something else")
      }
      return (0..<9).map {
        Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 + $0 * 4, as: UInt32.self)))
      }
    }
    guard header[0] == 1 else { throw fail("version", "1", "\(header[0])") }
    func section(_ name: String, _ offset: Int, _ length: Int) throws(UniMoEError) -> SharedBytes {
      guard offset >= Self.headerSize, offset <= bytes.count, length <= bytes.count - offset else {
        throw fail(name, "a part of the file's \(bytes.count) bytes", "\(length) bytes at \(offset)")
      }
      return bytes.slice(offset..<(offset + length))
    }
    wordCount = header[1]
    guard header[2] == (wordCount + Self.blockSize - 1) / Self.blockSize else {
      throw fail("blocks", "one for \(Self.blockSize) of \(wordCount) words", "\(header[2])")
    }
    blocks = try section("blocks", Self.headerSize, header[2] * 4)
    graphones = try Graphones(section("graphones", header[3], header[4]), path: path)
    words = try section("words", header[5], header[6])
    let model = try section("letter-to-sound model", header[7], header[8])
    letterToSound = model.count == 0 ? nil : try LetterToSound(model, graphones, path: path)
    let wordCount = wordCount
    try withView { view throws(UniMoEError) in try view.check(wordCount: wordCount, path: path) }
  }

  /// The pronunciations of a word in lower case, the first one first; empty if it is not listed.
  func pronunciations(of word: String) -> [[Phoneme]] {
    guard !word.isEmpty, word.utf8.count <= Self.longestWord else { return [] }
    let key = Array(word.utf8)
    return withView { $0.pronunciations(of: key) }
  }

  private func withView<Value, Failure: Error>(_ body: (View) throws(Failure) -> Value) throws(Failure) -> Value {
    try blocks.withBytes { blocks throws(Failure) in
      try words.withBytes { words throws(Failure) in try body(View(blocks: blocks, words: words, graphones: graphones))
      }
    }
  }
}

/// The parts of a lexicon while it is read.
private struct View {
  let blocks: UnsafeRawBufferPointer
  let words: UnsafeRawBufferPointer
  let graphones: Graphones

  func pronunciations(of key: [UInt8]) -> [[Phoneme]] {
    var low = 0
    var high = blocks.count / 4
    while low < high {
      let middle = (low + high) / 2
      if firstWord(of: middle, isAfter: key) { high = middle } else { low = middle + 1 }
    }
    return low == 0 ? [] : find(key, in: low - 1)
  }

  private func offset(of block: Int) -> Int {
    Int(UInt32(littleEndian: blocks.loadUnaligned(fromByteOffset: block * 4, as: UInt32.self)))
  }

  /// Whether a block's first word comes after a word.
  private func firstWord(of block: Int, isAfter key: [UInt8]) -> Bool {
    var position = offset(of: block) + 1
    for letter in key {
      let byte = words[position]
      if byte & 0x7F != letter { return byte & 0x7F > letter }
      // The word ends here: it is the key or comes before it.
      if byte & 0x80 != 0 { return false }
      position += 1
    }
    return true
  }

  private func find(_ key: [UInt8], in block: Int) -> [[Phoneme]] {
    let end = block + 1 < blocks.count / 4 ? offset(of: block + 1) : words.count
    var word = WordReader(words, graphones, position: offset(of: block))
    while word.position < end, let pronunciations = try? word.next(wanted: key) {
      if word.letters == key { return pronunciations }
    }
    return []
  }

  /// Walks through every word once.
  func check(wordCount: Int, path: String) throws(UniMoEError) {
    var word = WordReader(words, graphones, position: 0)
    for index in 0..<wordCount {
      let field = "word \(index)"
      if index % Lexicon.blockSize == 0 {
        guard offset(of: index / Lexicon.blockSize) == word.position else {
          let found = "\(offset(of: index / Lexicon.blockSize))"
          throw UniMoEError(.model, path, field: field, expected: "its block at \(word.position)", found: found)
        }
        word.letters = []
      }
      do throws(WordReader.Fault) {
        _ = try word.next(wanted: nil)
      } catch {
        throw UniMoEError(.model, path, field: field, expected: error.expected, found: error.found)
      }
    }
    guard word.position == words.count else {
      throw UniMoEError(
        .model, path, field: "words", expected: "\(words.count) bytes of words", found: "\(word.position)")
    }
  }
}

/// Reads word after word of a block.
private struct WordReader {
  struct Fault: Error {
    let expected: String
    let found: String
  }

  private let words: UnsafeRawBufferPointer
  private let graphones: Graphones
  /// Where the next word begins.
  private(set) var position: Int
  /// The last word; emptied where a block begins.
  var letters: [UInt8] = []

  private static let longestWord = 64
  private static let mostPhonemes = 64

  init(_ words: UnsafeRawBufferPointer, _ graphones: Graphones, position: Int) {
    self.words = words
    self.graphones = graphones
    self.position = position
  }

  /// Reads the next word; its pronunciations too if it is the wanted one, or all are to be checked.
  mutating func next(wanted: [UInt8]?) throws(Fault) -> [[Phoneme]] {
    let shared = Int(try byte())
    guard shared <= letters.count else {
      throw Fault(expected: "at most \(letters.count) shared letters", found: "\(shared)")
    }
    letters.removeLast(letters.count - shared)
    while true {
      let letter = try byte()
      if letter & 0x7F != 0 { letters.append(letter & 0x7F) }
      guard letters.count <= Self.longestWord else {
        throw Fault(expected: "at most \(Self.longestWord) letters", found: "more")
      }
      if letter & 0x80 != 0 { break }
    }
    return try pronunciations(isWanted: wanted == nil || wanted == letters)
  }

  private mutating func byte() throws(Fault) -> UInt8 {
    guard position < words.count else { throw Fault(expected: "letters and phonemes", found: "the end of the words") }
    defer { position += 1 }
    return words[position]
  }

  private mutating func pronunciations(isWanted: Bool) throws(Fault) -> [[Phoneme]] {
    var result: [[Phoneme]] = []
    var bits = BitReader(words, position: position)
    while true {
      let follows = try bits.next()
      var phonemes: [Phoneme] = []
      if try bits.next() == 1 {
        for case let letter? in letters.lazy.map(Graphones.letter) {
          let range = graphones.ranges[letter]
          let rank = try bits.gamma() - 1
          guard rank < range.count else { throw Fault(expected: "one of \(range.count) graphones", found: "\(rank)") }
          if isWanted { phonemes += graphones.phonemes[range.lowerBound + rank] }
        }
      } else {
        let count = try bits.gamma()
        guard count <= Self.mostPhonemes else { throw Fault(expected: "at most 64 phonemes", found: "\(count)") }
        for _ in 0..<count {
          let code = try bits.next(7)
          guard let phoneme = Phoneme(code: UInt8(code)) else {
            throw Fault(expected: "phonemes below \(Phoneme.names.count)", found: "\(code)")
          }
          phonemes.append(phoneme)
        }
      }
      if isWanted { result.append(phonemes) }
      guard result.count <= 64 else { throw Fault(expected: "at most 64 pronunciations", found: "more") }
      if follows == 0 { break }
    }
    position = bits.end
    return result
  }
}

/// Reads bits, the highest one of a byte first.
private struct BitReader {
  private let bytes: UnsafeRawBufferPointer
  private var bit: Int

  init(_ bytes: UnsafeRawBufferPointer, position: Int) {
    self.bytes = bytes
    bit = position * 8
  }

  /// The first whole byte that was not touched.
  var end: Int { (bit + 7) / 8 }

  mutating func next() throws(WordReader.Fault) -> Int {
    guard bit / 8 < bytes.count else {
      throw WordReader.Fault(expected: "letters and phonemes", found: "the end of the words")
    }
    defer { bit += 1 }
    return Int(bytes[bit / 8] >> (7 - UInt8(bit % 8))) & 1
  }

  mutating func next(_ count: Int) throws(WordReader.Fault) -> Int {
    var value = 0
    for _ in 0..<count { value = value << 1 | (try next()) }
    return value
  }

  /// A number of at least 1 in Elias' gamma code.
  mutating func gamma() throws(WordReader.Fault) -> Int {
    var zeros = 0
    while try next() == 0 {
      zeros += 1
      if zeros > 12 { throw WordReader.Fault(expected: "a number below 8192", found: "a larger one") }
    }
    return 1 << zeros | (try next(zeros))
  }
}
