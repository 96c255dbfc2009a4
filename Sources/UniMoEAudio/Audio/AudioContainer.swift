/// Looks at the first bytes of a file, before libsndfile does: only the three kinds that are promised go there.
enum AudioContainer {
  case wav, flac, ogg

  /// Tells the kind of a file.
  ///
  /// Throws an error that says what was found instead.
  init(of source: AudioSource, name: String) throws(UniMoEError) {
    let start = source.bytes(at: 0, count: 12)
    let tag = start.prefix(4)
    if ["RIFF", "RIFX", "RF64"].contains(where: { tag.elementsEqual($0.utf8) })
      && start.dropFirst(8).elementsEqual("WAVE".utf8)
    {
      self = .wav
    } else if tag.elementsEqual("fLaC".utf8) {
      self = .flac
    } else if tag.elementsEqual("OggS".utf8) {
      self = .ogg
    } else {
      throw UniMoEError(.audio, name, expected: "a WAV, FLAC or OGG file", found: Self.describe(start))
    }
  }

  private static func describe(_ start: [UInt8]) -> String {
    if start.isEmpty { return "an empty file" }
    if start.starts(with: "version http".utf8) { return "a Git LFS pointer: fetch the file with git lfs pull" }
    if start.starts(with: "ID3".utf8) || (start.count > 1 && start[0] == 0xff && start[1] & 0xe6 == 0xe2) {
      return "MP3"
    }
    if start.starts(with: "FORM".utf8) { return "AIFF" }
    if start.starts(with: "RIFF".utf8) { return "a RIFF file without WAVE" }
    if start.dropFirst(4).starts(with: "ftyp".utf8) { return "MP4" }
    let hexadecimal = start.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "a file that begins with bytes " + hexadecimal.joined(separator: " ")
  }
}
