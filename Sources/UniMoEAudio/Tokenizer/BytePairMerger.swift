/// Turns the bytes of one pre-token into tokens: the neighbours of the lowest rank are merged, all their occurrences
/// from left to right, until no pair has a rank (Sennrich et al. 2016, arXiv 1508.07909, algorithm 1).
///
/// A queue of pairs keeps the time at O(n log n). The buffers are kept between pre-tokens.
struct BytePairMerger {
  private let merges: MergeTable
  private let byteTokens: [Int32]

  /// Per position: the token that begins here, the neighbours' positions, and the merge with the right neighbour.
  private var tokens: [Int32] = []
  private var previous: [Int] = []
  private var next: [Int] = []
  private var merge: [MergeTable.Merge?] = []
  private var queue = MergeQueue()
  private var pending: [UInt64] = []

  /// - Parameter byteTokens: The token of each of the 256 bytes.
  init(merges: MergeTable, byteTokens: [Int32]) {
    self.merges = merges
    self.byteTokens = byteTokens
  }

  /// Appends the tokens of a pre-token.
  mutating func append(_ bytes: ArraySlice<UInt8>, to result: inout [Int32]) {
    load(bytes)
    while let rank = queue.first.map({ $0 >> 32 }) {
      // Pairs that this rank's merges bring up wait until all its occurrences are merged.
      while let entry = queue.first, entry >> 32 == rank {
        queue.removeFirst()
        apply(Int(entry & 0xFFFF_FFFF), rank: Int32(truncatingIfNeeded: rank))
      }
      for entry in pending { queue.insert(entry) }
      pending.removeAll(keepingCapacity: true)
    }
    var position = 0
    while position < tokens.count {
      result.append(tokens[position])
      position = next[position]
    }
  }

  private mutating func load(_ bytes: ArraySlice<UInt8>) {
    let count = bytes.count
    tokens.removeAll(keepingCapacity: true)
    tokens.append(contentsOf: bytes.lazy.map { [byteTokens] in byteTokens[Int($0)] })
    previous.removeAll(keepingCapacity: true)
    previous.append(contentsOf: -1..<(count - 1))
    next.removeAll(keepingCapacity: true)
    next.append(contentsOf: 1..<(count + 1))
    merge.removeAll(keepingCapacity: true)
    merge.append(contentsOf: repeatElement(nil, count: count))
    for position in 0..<count { update(position) }
    queue.fill(with: pending)
    pending.removeAll(keepingCapacity: true)
  }

  /// Looks the pair at a position up again after one of its tokens has changed.
  private mutating func update(_ position: Int) {
    merge[position] = next[position] < tokens.count ? merges.merge(tokens[position], tokens[next[position]]) : nil
    if let merge = merge[position] { pending.append(UInt64(merge.rank) << 32 | UInt64(position)) }
  }

  /// Merges the pair at a position, unless an earlier merge took one of its tokens.
  private mutating func apply(_ position: Int, rank: Int32) {
    guard let applied = merge[position], applied.rank == rank else { return }
    let right = next[position]
    tokens[position] = applied.token
    merge[right] = nil
    next[position] = next[right]
    if next[right] < tokens.count { previous[next[right]] = position }
    update(position)
    if previous[position] >= 0 { update(previous[position]) }
  }
}

/// A binary heap of pairs, each its rank and position in one number: the lowest rank, then the leftmost, comes first.
private struct MergeQueue {
  private var entries: [UInt64] = []

  var first: UInt64? { entries.first }

  /// Replaces all entries.
  mutating func fill(with new: [UInt64]) {
    entries.removeAll(keepingCapacity: true)
    entries.append(contentsOf: new)
    for index in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  mutating func insert(_ entry: UInt64) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0, entries[child] < entries[(child - 1) / 2] {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func removeFirst() {
    entries.swapAt(0, entries.count - 1)
    entries.removeLast()
    sink(0)
  }

  private mutating func sink(_ start: Int) {
    var parent = start
    while 2 * parent + 1 < entries.count {
      var child = 2 * parent + 1
      if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
      guard entries[child] < entries[parent] else { return }
      entries.swapAt(child, parent)
      parent = child
    }
  }
}
