import Glibc

/// How a word sounds that no lexicon lists: the likeliest sequence of graphones after an n-gram model.
///
/// Layout, little endian: the order, the number of a graphone that nothing is known of, and the sizes of two hash tables,
/// one of n-grams, one of contexts and the weights of what is shorter (four `UInt32`); the tables' fingerprints (`UInt16`,
/// 0 where there is nothing), then their numbers (`UInt8`): sixteenths of a logarithm with its sign changed. Graphones are
/// numbered from 2; 0 is the beginning of a word, 1 its end.
struct LetterToSound: Sendable {
  private let graphones: Graphones
  private let order: Int
  private let unknown: Int
  private let ngrams: HashTable
  private let contexts: HashTable

  private static let (begin, end, first) = (UInt16(0), UInt16(1), 2)
  private static let beam = 32
  private static let longestWord = 64
  private static let step = 16.0

  /// Reads a file's model.
  init(_ bytes: SharedBytes, _ graphones: Graphones, path: String) throws(UniMoEError) {
    func fail(_ field: String, _ expected: String, _ found: String) -> UniMoEError {
      UniMoEError(.model, path, field: "letter-to-sound model: \(field)", expected: expected, found: found)
    }
    guard bytes.count >= 16 else { throw fail("header", "16 bytes", "\(bytes.count)") }
    let header = bytes.withBytes { bytes in
      (0..<4).map { Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self))) }
    }
    guard (2...12).contains(header[0]) else { throw fail("order", "2 to 12", "\(header[0])") }
    guard header[1] < 1 << 12 else { throw fail("unknown", "below 4096", "\(header[1])") }
    let (first, second) = (header[2], header[3])
    guard first > 0, second > 0, bytes.count == 16 + 3 * (first + second) else {
      throw fail("tables", "\(bytes.count - 16) bytes", "entries for \(3 * (first + second))")
    }
    self.graphones = graphones
    (order, unknown) = (header[0], header[1])
    let values = 16 + 2 * (first + second)
    ngrams = HashTable(bytes.slice(16..<(16 + 2 * first)), bytes.slice(values..<(values + first)))
    contexts = HashTable(
      bytes.slice((16 + 2 * first)..<values), bytes.slice((values + first)..<(values + first + second)))
  }

  private struct Hypothesis {
    var cost: Int
    /// The last graphones, at most one fewer than the order.
    var history: [UInt16]
    var phonemes: [Phoneme]
  }

  /// The phonemes of a word of letters from a to z; everything else in it is passed over.
  func phonemes(of word: String) -> [Phoneme] {
    let letters = word.utf8.compactMap(Graphones.letter).prefix(Self.longestWord)
    if letters.isEmpty { return [] }
    var hypotheses = [Hypothesis(cost: 0, history: [Self.begin], phonemes: [])]
    for letter in letters {
      var next: [Hypothesis] = []
      for hypothesis in hypotheses {
        for place in graphones.ranges[letter] {
          let number = UInt16(place + Self.first)
          let cost = hypothesis.cost + self.cost(number, after: hypothesis.history)
          next.append(Hypothesis(cost: cost, history: hypothesis.history + [number], phonemes: []))
          next[next.count - 1].phonemes = hypothesis.phonemes
        }
      }
      // A letter that nothing is known of is silent.
      if next.isEmpty { continue }
      next.sort { $0.cost < $1.cost }
      hypotheses = next.prefix(Self.beam).map { hypothesis in
        var hypothesis = hypothesis
        if let last = hypothesis.history.last { hypothesis.phonemes += graphones.phonemes[Int(last) - Self.first] }
        if hypothesis.history.count == order { hypothesis.history.removeFirst() }
        return hypothesis
      }
    }
    return best(hypotheses)
  }

  /// The likeliest phonemes: what differs in stress alone is counted together, then the likeliest stress is taken.
  private func best(_ hypotheses: [Hypothesis]) -> [Phoneme] {
    var sums: [[Phoneme]: (sum: Double, cost: Int, phonemes: [Phoneme])] = [:]
    let ended = hypotheses.map { ($0.cost + cost(Self.end, after: $0.history), $0.phonemes) }
    let least = ended.map(\.0).min() ?? 0
    for (cost, phonemes) in ended {
      let plain = phonemes.map { $0.stressed(0) }
      var entry = sums[plain] ?? (0, Int.max, phonemes)
      entry.sum += exp(Double(least - cost) / Self.step)
      if cost < entry.cost { (entry.cost, entry.phonemes) = (cost, phonemes) }
      sums[plain] = entry
    }
    return sums.values.max { ($0.sum, -$0.cost) < ($1.sum, -$1.cost) }?.phonemes ?? []
  }

  /// What a graphone costs behind others: the n-gram's number, or the shorter one's and the context's weight.
  private func cost(_ number: UInt16, after history: [UInt16]) -> Int {
    var weight = 0
    var start = max(0, history.count - order + 1)
    while start <= history.count {
      let context = history[start...]
      if let found = ngrams[context, number] { return weight + found }
      if start < history.count { weight += contexts[context, nil] ?? 0 }
      start += 1
    }
    return weight + unknown
  }
}

/// Numbers by hashed sequences.
private struct HashTable: Sendable {
  private let prints: SharedBytes
  private let values: SharedBytes
  private static let longestProbe = 1024

  init(_ prints: SharedBytes, _ values: SharedBytes) {
    self.prints = prints
    self.values = values
  }

  /// The number of a sequence, with one more element behind it or not.
  subscript(sequence: ArraySlice<UInt16>, last: UInt16?) -> Int? {
    var hash: UInt32 = 2_166_136_261
    func add(_ number: UInt16) { hash = (hash ^ (UInt32(number) + 1)) &* 16_777_619 }
    for number in sequence { add(number) }
    if let last { add(last) }
    hash = (hash ^ hash >> 15) &* 0x85EB_CA6B
    hash = (hash ^ hash >> 13) &* 0xC2B2_AE35
    hash ^= hash >> 16
    let size = values.count
    var place = Int((UInt64(hash) * UInt64(size)) >> 32)
    let mark = max(1, UInt16(truncatingIfNeeded: hash))
    return prints.withBytes { prints in
      for _ in 0..<Self.longestProbe {
        let found = UInt16(littleEndian: prints.loadUnaligned(fromByteOffset: place * 2, as: UInt16.self))
        if found == 0 { return nil }
        if found == mark { return values.withBytes { Int($0[place]) } }
        place = place + 1 == size ? 0 : place + 1
      }
      return nil
    }
  }
}
