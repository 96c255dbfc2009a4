/// Looks at a WAV file's chunks before libsndfile does, for what libsndfile passes over in silence or reports
/// unclearly: a sound that is cut short, a sample rate of 0.
///
/// A program that writes WAV into a pipe does not know the length in advance and cannot go back to the header. What
/// stands there is then 0 or a number near the largest, and the sound goes on to the end of the file, as for FFmpeg.
struct WAVHeader {
  private let source: AudioSource
  private let name: String
  private let isBigEndian: Bool

  /// Throws `UniMoEError` of kind `audio` if the file has no sound, or less than its header says.
  static func check(_ source: AudioSource, name: String) throws(UniMoEError) {
    let isBigEndian = source.bytes(at: 0, count: 4).elementsEqual("RIFX".utf8)
    try WAVHeader(source: source, name: name, isBigEndian: isBigEndian).checkChunks()
  }

  private func checkChunks() throws(UniMoEError) {
    var offset = 12
    var hasFormat = false
    // Real files have a handful of chunks; the bound keeps a file of empty ones from costing time.
    for _ in 0..<4096 {
      let header = source.bytes(at: offset, count: 8)
      if header.count < 8 { break }
      let size = number(header[4...])
      offset += 8
      if header.starts(with: "fmt ".utf8) {
        try checkFormat(source.bytes(at: offset, count: min(size, 16)))
        hasFormat = true
      } else if header.starts(with: "data".utf8) {
        if !hasFormat { throw UniMoEError(.audio, name, expected: "a fmt chunk before the data chunk", found: "none") }
        return try checkData(size: size, offset: offset)
      }
      offset += size + size & 1
    }
    throw UniMoEError(.audio, name, expected: "a data chunk", found: "none")
  }

  private func checkFormat(_ bytes: [UInt8]) throws(UniMoEError) {
    if bytes.count < 16 {
      throw UniMoEError(.audio, name, field: "fmt chunk", expected: "at least 16 bytes", found: "\(bytes.count)")
    }
    let channels = number(bytes[2..<4])
    if channels == 0 { throw UniMoEError(.audio, name, field: "channels", expected: "at least 1", found: "0") }
    let (rates, rate) = (AudioFile.sampleRates, number(bytes[4..<8]))
    if !rates.contains(rate) {
      throw UniMoEError(
        .audio, name, field: "sample rate", expected: "\(rates.lowerBound) to \(rates.upperBound) Hz", found: "\(rate)")
    }
  }

  /// Lengths from here up are what programs write that do not know it: eSpeak NG and SoX 0x7ffff000, others 0x7fffffff,
  /// 0x80000000 or 0xffffffff less the header.
  private static let unknownLengths = 0x7fff_f000

  private func checkData(size: Int, offset: Int) throws(UniMoEError) {
    let available = source.count - offset
    if size >= Self.unknownLengths && size > available || size == 0 && !isChunk(at: offset) {
      let known = (0..<4).map { UInt8(truncatingIfNeeded: available >> (8 * $0)) }
      return source.correct(at: offset - 4, isBigEndian ? known.reversed() : known)
    }
    // One byte less is a missing pad byte.
    if size > available + 1 {
      throw UniMoEError(
        .audio, name, field: "data chunk", expected: "\(size) bytes, as its header says",
        found: "\(available): the file is cut short")
    }
  }

  /// Whether what follows an empty data chunk is another chunk, which goes on to the end of the file, and no sound.
  private func isChunk(at offset: Int) -> Bool {
    let header = source.bytes(at: offset, count: 8)
    guard header.count == 8, header[..<4].allSatisfy({ (0x20...0x7e).contains($0) }) else { return false }
    let end = offset + 8 + number(header[4...])
    return end <= source.count + 1 && (end + 1 >= source.count || isChunk(at: end + end & 1))
  }

  private func number(_ bytes: ArraySlice<UInt8>) -> Int {
    (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(0) { $0 << 8 | Int($1) }
  }
}
