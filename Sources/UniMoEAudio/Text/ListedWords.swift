/// Words in the order of their bytes, and how each one sounds.
///
/// Layout: blocks of 16 words, and per block the `UInt32` offset of its first word from the words' beginning. A word is the
/// number of letters that it shares with the word before it in its block, its other letters (the last one with bit 7 set; a
/// lone 0x80 where there are none), then bits, the highest one of a byte first, up to a whole byte: for each pronunciation
/// whether another one follows, and whether it is told by its letters. If so, for each letter from a to z the rank of its
/// graphone plus 1 in Elias' gamma code; else, in that code, the number of phonemes, and of each 7 bits.
struct ListedWords: Sendable {
  /// How many they are.
  let count: Int
  private let blocks: SharedBytes
  private let words: SharedBytes
  private let graphones: Graphones

  static let blockSize = 16
  static let longestWord = 64

  /// How many bytes the offsets of so many words take.
  static func sizeOfBlocks(_ count: Int) -> Int { (count + blockSize - 1) / blockSize * 4 }

  /// Reads a file's words. Every one is checked, so that look-ups cannot fail.
  init(
    count: Int, blocks: SharedBytes, words: SharedBytes, graphones: Graphones, path: String
  ) throws(UniMoEError) {
    (self.count, self.blocks, self.words, self.graphones) = (count, blocks, words, graphones)
    try withView { view throws(UniMoEError) in try view.check(wordCount: count, path: path) }
  }

  /// The pronunciations of a word in lower case, the first one first; empty if it is not there.
  func pronunciations(of word: [UInt8]) -> [[Phoneme]] { withView { $0.pronunciations(of: word) } }

  private func withView<Value, Failure: Error>(_ body: (View) throws(Failure) -> Value) throws(Failure) -> Value {
    try blocks.withBytes { blocks throws(Failure) in
      try words.withBytes { words throws(Failure) in
        try body(View(blocks: blocks, words: words, graphones: graphones))
      }
    }
  }
}

/// Words while they are read.
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

  private func offset(of block: Int) -> Int { blocks.number(at: block * 4) }

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
      if index % ListedWords.blockSize == 0 {
        guard offset(of: index / ListedWords.blockSize) == word.position else {
          let found = "\(offset(of: index / ListedWords.blockSize))"
          throw UniMoEError(.model, path, field: field, expected: "its block at \(word.position)", found: found)
        }
        word.letters = []
      }
      do throws(BitReader.Fault) {
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
  private let words: UnsafeRawBufferPointer
  private let graphones: Graphones
  /// Where the next word begins.
  private(set) var position: Int
  /// The last word; emptied where a block begins.
  var letters: [UInt8] = []

  private static let mostPhonemes = 64

  init(_ words: UnsafeRawBufferPointer, _ graphones: Graphones, position: Int) {
    self.words = words
    self.graphones = graphones
    self.position = position
  }

  /// Reads the next word; its pronunciations too if it is the wanted one, or all are to be checked.
  mutating func next(wanted: [UInt8]?) throws(BitReader.Fault) -> [[Phoneme]] {
    let shared = Int(try byte())
    guard shared <= letters.count else {
      throw BitReader.Fault(expected: "at most \(letters.count) shared letters", found: "\(shared)")
    }
    letters.removeLast(letters.count - shared)
    while true {
      let letter = try byte()
      if letter & 0x7F != 0 { letters.append(letter & 0x7F) }
      guard letters.count <= ListedWords.longestWord else {
        throw BitReader.Fault(expected: "at most \(ListedWords.longestWord) letters", found: "more")
      }
      if letter & 0x80 != 0 { break }
    }
    return try pronunciations(isWanted: wanted == nil || wanted == letters)
  }

  private mutating func byte() throws(BitReader.Fault) -> UInt8 {
    guard position < words.count else {
      throw BitReader.Fault(expected: "letters and phonemes", found: "the end of the words")
    }
    defer { position += 1 }
    return words[position]
  }

  private mutating func pronunciations(isWanted: Bool) throws(BitReader.Fault) -> [[Phoneme]] {
    var result: [[Phoneme]] = []
    var bits = BitReader(words, position: position)
    while true {
      let follows = try bits.next()
      var phonemes: [Phoneme] = []
      if try bits.next() == 1 {
        for case let letter? in letters.lazy.map(Graphones.letter) {
          let range = graphones.ranges[letter]
          let rank = try bits.gamma() - 1
          guard rank < range.count else {
            throw BitReader.Fault(expected: "one of \(range.count) graphones", found: "\(rank)")
          }
          if isWanted { phonemes += graphones.phonemes[range.lowerBound + rank] }
        }
      } else {
        let count = try bits.gamma()
        guard count <= Self.mostPhonemes else {
          throw BitReader.Fault(expected: "at most 64 phonemes", found: "\(count)")
        }
        for _ in 0..<count {
          let code = try bits.next(7)
          guard let phoneme = Phoneme(code: UInt8(code)) else {
            throw BitReader.Fault(expected: "phonemes below \(Phoneme.names.count)", found: "\(code)")
          }
          phonemes.append(phoneme)
        }
      }
      if isWanted { result.append(phonemes) }
      guard result.count <= 64 else { throw BitReader.Fault(expected: "at most 64 pronunciations", found: "more") }
      if follows == 0 { break }
    }
    position = bits.end
    return result
  }
}
