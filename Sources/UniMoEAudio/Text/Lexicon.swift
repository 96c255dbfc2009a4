/// Words and how they sound: a file that is read where it is needed, never as a whole.
///
/// Layout, little endian: the eight bytes `UMLEXICN`; version 1, number of words, number of blocks, byte offset and
/// length of the words and of the letter-to-sound model (seven `UInt32`); then, per block, the `UInt32` offset of its
/// first word from the words' beginning. A block holds 16 words in the order of their bytes. A word is the number of
/// letters it shares with the word before it in its block, its other letters (the last one with bit 7 set; a lone 0x80
/// where there are none), then its pronunciations: phoneme codes, 0x7F between two pronunciations, the last code with
/// bit 7 set.
///
/// `unimoe-train lexicon` makes it. Thread: any.
public final class Lexicon: Sendable {
  /// How many words it lists.
  public let wordCount: Int
  /// How words sound that it does not list; `nil` if the file has no such model.
  let letterToSound: LetterToSound?

  private let blocks: SharedBytes
  private let words: SharedBytes

  static let magic = Array("UMLEXICN".utf8)
  static let blockSize = 16
  private static let headerSize = 8 + 7 * 4
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
      return (0..<7).map {
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
    words = try section("words", header[3], header[4])
    let model = try section("letter-to-sound model", header[5], header[6])
    letterToSound = model.count == 0 ? nil : try LetterToSound(model, path: path)
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
      try words.withBytes { words throws(Failure) in try body(View(blocks: blocks, words: words)) }
    }
  }
}

/// The parts of a lexicon while it is read.
private struct View {
  let blocks: UnsafeRawBufferPointer
  let words: UnsafeRawBufferPointer

  private static let separator: UInt8 = 0x7F
  private static let longestWord = 64

  func pronunciations(of key: [UInt8]) -> [[Phoneme]] {
    var low = 0
    var high = blocks.count / 4
    while low < high {
      let middle = (low + high) / 2
      if firstWord(of: middle, isAfter: key) { high = middle } else { low = middle + 1 }
    }
    return low == 0 ? [] : find(key, in: low - 1)
  }

  // MARK: Reading

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
    var position = offset(of: block)
    let end = block + 1 < blocks.count / 4 ? offset(of: block + 1) : words.count
    // How many letters of the key the word at hand begins with.
    var matched = 0
    while position < end {
      let shared = Int(words[position])
      position += 1
      var length = shared
      var agrees = shared <= matched
      if agrees { matched = shared }
      while true {
        let byte = words[position]
        position += 1
        let letter = byte & 0x7F
        if letter != 0 {
          if agrees, length < key.count, letter == key[length] { matched = length + 1 } else { agrees = false }
          length += 1
        }
        if byte & 0x80 != 0 { break }
      }
      if agrees, matched == key.count, length == key.count { return pronunciations(at: position) }
      while words[position] & 0x80 == 0 { position += 1 }
      position += 1
    }
    return []
  }

  private func pronunciations(at start: Int) -> [[Phoneme]] {
    var result: [[Phoneme]] = [[]]
    var position = start
    while true {
      let byte = words[position]
      position += 1
      if byte == Self.separator {
        result.append([])
      } else if let phoneme = Phoneme(code: byte & 0x7F) {
        result[result.count - 1].append(phoneme)
      }
      if byte & 0x80 != 0 { return result }
    }
  }

  // MARK: Checking

  /// Walks through every word once; about a millisecond for a hundred thousand.
  func check(wordCount: Int, path: String) throws(UniMoEError) {
    let problem = { (index: Int, expected: String, found: String) in
      UniMoEError(.model, path, field: "word \(index)", expected: expected, found: found)
    }
    var position = 0
    for index in 0..<wordCount {
      if index % Lexicon.blockSize == 0, offset(of: index / Lexicon.blockSize) != position {
        throw problem(index, "its block's offset to be \(position)", "\(offset(of: index / Lexicon.blockSize))")
      }
      try checkWord(index, &position, problem)
    }
    if position != words.count {
      throw UniMoEError(
        .model, path, field: "words", expected: "\(words.count) bytes of words", found: "\(position)")
    }
  }

  private func checkWord(
    _ index: Int, _ position: inout Int, _ problem: (Int, String, String) -> UniMoEError
  ) throws(UniMoEError) {
    func next() throws(UniMoEError) -> UInt8 {
      guard position < words.count else { throw problem(index, "letters and phonemes", "the end of the words") }
      defer { position += 1 }
      return words[position]
    }
    let shared = Int(try next())
    if index % Lexicon.blockSize == 0, shared != 0 {
      throw problem(index, "no shared letters first in a block", "\(shared)")
    }
    if shared > Self.longestWord { throw problem(index, "at most \(Self.longestWord) shared letters", "\(shared)") }
    var byte = try next()
    while byte & 0x80 == 0 { byte = try next() }
    var isEmpty = true
    while true {
      byte = try next()
      if byte == Self.separator {
        if isEmpty { throw problem(index, "a phoneme", "none") }
        isEmpty = true
        continue
      }
      guard Int(byte & 0x7F) < Phoneme.names.count else {
        throw problem(index, "phonemes below \(Phoneme.names.count)", "\(byte & 0x7F)")
      }
      isEmpty = false
      if byte & 0x80 != 0 { return }
    }
  }
}
