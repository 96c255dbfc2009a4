/// Words and how they sound: a file that is read where it is needed, never as a whole.
///
/// Words that sound as the letter-to-sound model says have no entry: the file only tells that there are such words.
///
/// Layout, little endian: the eight bytes `UMLEXICN`; version 2, the number of words, the number of words with an entry,
/// the bytes of the graphones, of the words with an entry, of the filter of the words without, and of the letter-to-sound
/// model (seven `UInt32`); then the offsets of the blocks of words and these four parts. The rest is the licence of the
/// dictionary that it was made of.
///
/// `unimoe-train lexicon` makes it. Thread: any.
public final class Lexicon: Sendable {
  /// How many words it lists.
  public let wordCount: Int
  /// How words sound that it does not list.
  let letterToSound: LetterToSound

  private let irregular: ListedWords
  private let regular: WordFilter

  static let magic = Array("UMLEXICN".utf8)
  private static let version = 2
  private static let headerSize = 8 + 7 * 4

  /// Opens a lexicon.
  ///
  /// Throws an error of kind `model` that names the file and what is wrong with it.
  public convenience init(path: String) throws(UniMoEError) {
    try self.init(SharedBytes(mapping: path), path: path)
  }

  /// Reads a lexicon in memory.
  init(_ bytes: SharedBytes, path: String) throws(UniMoEError) {
    func fail(_ field: String, _ expected: String, _ found: String) -> UniMoEError {
      UniMoEError(.model, path, field: field, expected: expected, found: found)
    }
    let header: [Int] = try bytes.withBytes { bytes throws(UniMoEError) in
      guard bytes.count >= Self.headerSize, bytes.prefix(8).elementsEqual(Self.magic) else {
        throw fail("header", "a lexicon made by unimoe-train", "something else")
      }
      return (0..<7).map { bytes.number(at: 8 + $0 * 4) }
    }
    guard header[0] == Self.version else { throw fail("version", "\(Self.version)", "\(header[0])") }
    guard header[2] <= header[1] else { throw fail("words with an entry", "at most \(header[1])", "\(header[2])") }
    var position = Self.headerSize
    func part(_ name: String, _ length: Int) throws(UniMoEError) -> SharedBytes {
      guard length <= bytes.count - position else {
        throw fail(name, "at most \(bytes.count - position) bytes", "\(length)")
      }
      defer { position += length }
      return bytes.slice(position..<position + length)
    }
    wordCount = header[1]
    let blocks = try part("blocks", ListedWords.sizeOfBlocks(header[2]))
    let graphones = try Graphones(part("graphones", header[3]), path: path)
    irregular = try ListedWords(
      count: header[2], blocks: blocks, words: part("words", header[4]), graphones: graphones, path: path)
    regular = try WordFilter(part("filter", header[5]), path: path)
    let model = try GraphoneModel(part("letter-to-sound model", header[6]), graphones, path: path)
    letterToSound = LetterToSound(graphones: graphones, model: model)
  }

  /// The pronunciations of a word in lower case, the first one first; empty if it is not listed.
  ///
  /// One in 256 words of letters alone that are not listed is taken for one that is, and sounds as its letters say.
  func pronunciations(of word: String) -> [[Phoneme]] {
    guard !word.isEmpty, word.utf8.count <= ListedWords.longestWord else { return [] }
    let key = Array(word.utf8)
    let found = irregular.pronunciations(of: key)
    guard found.isEmpty, key.count > 1, key.allSatisfy({ Graphones.letter($0) != nil }), regular.contains(key) else {
      return found
    }
    return [letterToSound.phonemes(of: word)]
  }
}
