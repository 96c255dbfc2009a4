/// Which graphone follows which others: an n-gram model that falls back to shorter contexts.
///
/// Layout, little endian: the length of the longest n-grams, the number of symbols, of n-grams, and of contexts, which are
/// the n-grams that longer ones begin with (four `UInt32`). For every 32nd n-gram, how many contexts come before it, then
/// for every 32nd context, how many n-grams follow the contexts before it (`UInt32`). Then a byte each: of the n-grams
/// their last symbols, then what these cost behind the others, in eighths of a natural logarithm with its sign changed,
/// with bit 7 set if the n-gram is a context; of the contexts, what falling back to the shorter one costs (`Int8`), then
/// how many n-grams follow. The n-grams stand in the order of their lengths, then of their contexts, then of their last
/// symbols; of length 1 there are all symbols. Symbol 0 is the beginning of a word, 1 its end, graphones begin with 2.
struct GraphoneModel: Sendable {
  private let bytes: SharedBytes
  private let layout: Layout

  static let (begin, end, first) = (0, 1, 2)
  /// What a cost of 1 is of a natural logarithm.
  static let unit = 0.125

  /// Reads a file's model. Every n-gram is checked, so that look-ups cannot fail.
  init(_ bytes: SharedBytes, _ graphones: Graphones, path: String) throws(UniMoEError) {
    func fail(_ field: String, _ expected: String, _ found: String) -> UniMoEError {
      UniMoEError(.model, path, field: "letter-to-sound model: \(field)", expected: expected, found: found)
    }
    guard bytes.count >= Layout.headerSize else { throw fail("header", "16 bytes", "\(bytes.count)") }
    let layout = bytes.withBytes { Layout($0) }
    guard (2...12).contains(layout.order) else { throw fail("order", "2 to 12", "\(layout.order)") }
    let symbols = graphones.phonemes.count + Self.first
    guard layout.symbols == symbols, layout.ngrams >= symbols else {
      throw fail("symbols", "\(symbols)", "\(layout.symbols), and \(layout.ngrams) n-grams")
    }
    guard layout.size == bytes.count else { throw fail("tables", "\(layout.size) bytes", "\(bytes.count)") }
    (self.bytes, self.layout) = (bytes, layout)
    let fault = bytes.withBytes { Reader(bytes: $0, layout: layout).fault() }
    if let fault { throw fail("n-grams", fault.expected, fault.found) }
  }

  /// Calls `body` with what looks n-grams up.
  func withReader<Value>(_ body: (Reader) -> Value) -> Value {
    bytes.withBytes { body(Reader(bytes: $0, layout: layout)) }
  }

  /// How many there are of everything, and where it begins.
  fileprivate struct Layout {
    let order, symbols, ngrams, contexts: Int
    let followersBefore, lastSymbols, costs, weights, followers, size: Int

    static let headerSize = 16
    /// N-grams, or contexts, that share one of the counts before them.
    static let spacing = 32

    init(_ bytes: UnsafeRawBufferPointer) {
      (order, symbols) = (bytes.number(at: 0), bytes.number(at: 4))
      (ngrams, contexts) = (bytes.number(at: 8), bytes.number(at: 12))
      func counts(_ count: Int) -> Int { 4 * ((count + Self.spacing - 1) / Self.spacing) }
      followersBefore = Self.headerSize + counts(ngrams)
      lastSymbols = followersBefore + counts(contexts)
      costs = lastSymbols + ngrams
      weights = costs + ngrams
      followers = weights + contexts
      size = followers + contexts
    }
  }

  /// Looks n-grams up, which are told by their places.
  struct Reader {
    private let bytes: UnsafeRawBufferPointer
    private let layout: Layout
    /// The place of a context that is not in the model.
    private static let missing = -1

    fileprivate init(bytes: UnsafeRawBufferPointer, layout: Layout) { (self.bytes, self.layout) = (bytes, layout) }

    /// Where the words begin: the contexts of the first graphone, the shortest one first.
    var start: [Int] { [GraphoneModel.begin] }

    /// What each of the symbols costs behind these contexts.
    func costs(of symbols: Range<Int>, behind contexts: [Int]) -> [Int] {
      var result = symbols.map(cost)
      for context in contexts {
        guard let (weight, followers) = look(at: context) else { continue }
        for index in result.indices { result[index] += weight }
        for place in firstPlace(of: symbols.lowerBound, in: followers)..<followers.upperBound {
          let symbol = Int(bytes[layout.lastSymbols + place])
          if symbol >= symbols.upperBound { break }
          result[symbol - symbols.lowerBound] = cost(place)
        }
      }
      return result
    }

    /// The contexts behind one more symbol.
    func contexts(_ contexts: [Int], adding symbol: Int) -> [Int] {
      var result = [symbol]
      for context in contexts.prefix(layout.order - 2) {
        result.append(place(of: symbol, behind: context) ?? Self.missing)
      }
      return result
    }

    private func place(of symbol: Int, behind context: Int) -> Int? {
      guard let (_, followers) = look(at: context) else { return nil }
      let place = firstPlace(of: symbol, in: followers)
      return place < followers.upperBound && Int(bytes[layout.lastSymbols + place]) == symbol ? place : nil
    }

    private func cost(_ ngram: Int) -> Int { Int(bytes[layout.costs + ngram] & 0x7F) }

    private func isContext(_ ngram: Int) -> Bool { bytes[layout.costs + ngram] & 0x80 != 0 }

    /// The weight and the followers of an n-gram that is a context.
    private func look(at ngram: Int) -> (weight: Int, followers: Range<Int>)? {
      guard ngram != Self.missing, isContext(ngram) else { return nil }
      let block = ngram / Layout.spacing
      var context = bytes.number(at: Layout.headerSize + 4 * block)
      for other in block * Layout.spacing..<ngram where isContext(other) { context += 1 }
      let followersBlock = context / Layout.spacing
      var start = layout.symbols + bytes.number(at: layout.followersBefore + 4 * followersBlock)
      for other in followersBlock * Layout.spacing..<context { start += Int(bytes[layout.followers + other]) }
      let weight = Int(Int8(bitPattern: bytes[layout.weights + context]))
      return (weight, start..<start + Int(bytes[layout.followers + context]))
    }

    /// The first place whose symbol is not below this one.
    private func firstPlace(of symbol: Int, in followers: Range<Int>) -> Int {
      var (low, high) = (followers.lowerBound, followers.upperBound)
      while low < high {
        let middle = (low + high) / 2
        if Int(bytes[layout.lastSymbols + middle]) < symbol { low = middle + 1 } else { high = middle }
      }
      return low
    }

    private func isAscending(_ places: Range<Int>) -> Bool {
      let symbols = bytes[layout.lastSymbols + places.lowerBound..<layout.lastSymbols + places.upperBound]
      return zip(symbols, symbols.dropFirst()).allSatisfy { $0 < $1 }
    }

    /// What is wrong with the tables.
    fileprivate func fault() -> (expected: String, found: String)? {
      var (context, next) = (0, layout.symbols)
      for ngram in 0..<layout.ngrams {
        if ngram % Layout.spacing == 0 {
          let told = bytes.number(at: Layout.headerSize + ngram / Layout.spacing * 4)
          guard told == context else { return ("\(context) contexts before n-gram \(ngram)", "\(told)") }
        }
        let symbol = Int(bytes[layout.lastSymbols + ngram])
        guard ngram < layout.symbols ? symbol == ngram : symbol < layout.symbols else {
          return ("a symbol below \(layout.symbols), each one in its place", "\(symbol) in place \(ngram)")
        }
        guard isContext(ngram) else { continue }
        guard context < layout.contexts else { return ("\(layout.contexts) contexts", "more") }
        if context % Layout.spacing == 0 {
          let told = layout.symbols + bytes.number(at: layout.followersBefore + context / Layout.spacing * 4)
          guard told == next else { return ("context \(context)'s followers from \(next) on", "\(told)") }
        }
        let followers = next..<next + Int(bytes[layout.followers + context])
        guard followers.upperBound <= layout.ngrams else { return ("\(layout.ngrams) n-grams", "more") }
        guard isAscending(followers) else { return ("ascending symbols behind n-gram \(ngram)", "others") }
        (context, next) = (context + 1, followers.upperBound)
      }
      return context == layout.contexts && next == layout.ngrams
        ? nil : ("\(layout.contexts) contexts, \(layout.ngrams) n-grams", "\(context), \(next)")
    }
  }
}

extension UnsafeRawBufferPointer {
  /// A little-endian `UInt32`.
  func number(at offset: Int) -> Int {
    Int(UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
  }
}
