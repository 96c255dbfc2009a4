import Foundation
import TestSupport
import Testing

@testable import UniMoEAudio

/// Broken and odd audio files, each with the error that a user gets.
@Suite struct HostileAudioTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let bytes: [UInt8]
    let error: String
    var limits = AudioFile.Limits()
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "empty file", bytes: [], error: "a.wav: expected a WAV, FLAC or OGG file, found an empty file"),
    Case(
      name: "text", bytes: Array("hello, world: not a sound".utf8),
      error: "a.wav: expected a WAV, FLAC or OGG file, found a file that begins with bytes 68 65 6c 6c"),
    Case(
      name: "Git LFS pointer", bytes: Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n".utf8),
      error: "a.wav: expected a WAV, FLAC or OGG file, found a Git LFS pointer: fetch the file with git lfs pull"),
    Case(
      name: "MP3 with a tag", bytes: Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 0],
      error: "a.wav: expected a WAV, FLAC or OGG file, found MP3"),
    Case(
      name: "MP3 without a tag", bytes: [0xff, 0xfb, 0x90, 0x64] + [UInt8](repeating: 0, count: 400),
      error: "a.wav: expected a WAV, FLAC or OGG file, found MP3"),
    Case(
      name: "AIFF", bytes: Array("FORM".utf8) + [0, 0, 0, 4] + Array("AIFF".utf8),
      error: "a.wav: expected a WAV, FLAC or OGG file, found AIFF"),
    Case(
      name: "RIFF that is no WAVE", bytes: HandmadeWAV(kind: "AVI ").bytes,
      error: "a.wav: expected a WAV, FLAC or OGG file, found a RIFF file without WAVE"),
    Case(
      name: "only a tag", bytes: Array("RIFF".utf8),
      error: "a.wav: expected a WAV, FLAC or OGG file, found a RIFF file without WAVE"),
    Case(
      name: "RIFF header alone", bytes: Array(HandmadeWAV().bytes.prefix(12)),
      error: "a.wav: expected a data chunk, found none"),
    Case(
      name: "cut inside the format", bytes: Array(HandmadeWAV().bytes.prefix(30)),
      error: "a.wav: fmt chunk: expected at least 16 bytes, found 10"),
    Case(
      name: "cut before the data", bytes: Array(HandmadeWAV().bytes.prefix(36)),
      error: "a.wav: expected a data chunk, found none"),
    Case(
      name: "no format chunk", bytes: HandmadeWAV(hasFormat: false).bytes,
      error: "a.wav: expected a fmt chunk before the data chunk, found none"),
    Case(
      name: "no samples", bytes: HandmadeWAV(data: []).bytes, error: "a.wav: expected at least one sample, found none"),
    Case(
      name: "ten hours in a hundred bytes", bytes: HandmadeWAV(dataSize: 1_152_000_000).bytes,
      error: "a.wav: data chunk: expected 1152000000 bytes, as its header says, found 64: the file is cut short"),
    Case(
      name: "cut short", bytes: Array(HandmadeWAV().bytes.dropLast(10)),
      error: "a.wav: data chunk: expected 64 bytes, as its header says, found 54: the file is cut short"),
    Case(
      name: "no channels", bytes: HandmadeWAV(channels: 0).bytes, error: "a.wav: channels: expected at least 1, found 0"
    ),
    Case(
      name: "65535 channels", bytes: HandmadeWAV(channels: 65535).bytes,
      error: "a.wav: cannot be read: libsndfile says: Too many channels specified."),
    Case(
      name: "rate 0", bytes: HandmadeWAV(sampleRate: 0).bytes,
      error: "a.wav: sample rate: expected 1000 to 768000 Hz, found 0"),
    Case(
      name: "rate 1", bytes: HandmadeWAV(sampleRate: 1).bytes,
      error: "a.wav: sample rate: expected 1000 to 768000 Hz, found 1"),
    Case(
      name: "rate 4294967295", bytes: HandmadeWAV(sampleRate: 0xffff_ffff).bytes,
      error: "a.wav: sample rate: expected 1000 to 768000 Hz, found 4294967295"),
    Case(
      name: "no bits", bytes: HandmadeWAV(bits: 0).bytes,
      error: "a.wav: cannot be read: libsndfile says: File contains data in an unimplemented format."),
    Case(
      name: "65 bits", bytes: HandmadeWAV(bits: 65).bytes,
      error: "a.wav: cannot be read: libsndfile says: File contains data in an unimplemented format."),
    Case(
      name: "unknown encoding", bytes: HandmadeWAV(formatTag: 0x1234).bytes,
      error: "a.wav: cannot be read: libsndfile says: Error in WAV/W64/RF64 file. Malformed 'fmt ' chunk."),
    Case(
      name: "not a number", bytes: HandmadeWAV(formatTag: 3, bits: 32, data: floatBytes([0, 0.5, .nan, 0])).bytes,
      error: "a.wav: sample 2: expected a finite number, found nan"),
    Case(
      name: "infinite in the second channel",
      bytes: HandmadeWAV(formatTag: 3, channels: 2, bits: 32, data: floatBytes([0, 0.5, 0, -.infinity])).bytes,
      error: "a.wav: sample 1: expected a finite number, found -inf"),
    Case(
      name: "chunk that reaches beyond the end",
      bytes: HandmadeWAV(middle: Array("LIST".utf8) + little(0x7fff_fff0, 4)).bytes,
      error: "a.wav: expected a data chunk, found none"),
    Case(
      name: "longer than allowed", bytes: HandmadeWAV(data: [UInt8](repeating: 0, count: 64000)).bytes,
      error: "a.wav: expected at most 1.5 seconds, found 2 or more", limits: AudioFile.Limits(seconds: 1.5)),
    Case(
      name: "more samples than allowed",
      bytes: HandmadeWAV(channels: 2, data: [UInt8](repeating: 0, count: 64000)).bytes,
      error: "a.wav: expected at most 1000 samples, found 1 seconds of 2 channels at 16000 Hz, or more",
      limits: AudioFile.Limits(samples: 1000)),
    Case(
      name: "FLAC tag alone", bytes: Array("fLaC".utf8),
      error: "a.wav: cannot be read: libsndfile says: Format not recognised."),
    Case(
      name: "FLAC with zeros", bytes: Array("fLaC".utf8) + [UInt8](repeating: 0, count: 200),
      error: "a.wav: cannot be read: libsndfile says: File contains data in an unimplemented format."),
    Case(
      name: "FLAC of rate 0", bytes: flacHeader(frames: 16, rate: 0),
      error: "a.wav: cannot be read: libsndfile says: Internal error : SF_INFO struct incomplete."),
    Case(
      name: "FLAC of ten hours without frames", bytes: flacHeader(frames: 576_000_000),
      error: "a.wav: expected at most 3600 seconds, found 36000 or more"),
    Case(
      name: "FLAC of 12 seconds without frames", bytes: flacHeader(frames: 192_000),
      error: "a.wav: expected 192000 frames, as its header says, found 0"),
    Case(
      name: "OGG tag alone", bytes: Array("OggS".utf8),
      error: "a.wav: cannot be read: libsndfile says: Format not recognised."),
    Case(
      name: "OGG with zeros", bytes: Array("OggS".utf8) + [UInt8](repeating: 0, count: 200),
      error: "a.wav: cannot be read: libsndfile says: File contains data in an unimplemented format."),
  ]

  @Test(arguments: cases)
  func brokenFileGivesOneClearError(_ item: Case) {
    let text = errorText {
      _ = try item.bytes.withUnsafeBytes { try AudioFile.read(bytes: $0, name: "a.wav", limits: item.limits) }
    }
    #expect(text == item.error)
  }

  /// The header of a mono 16-bit FLAC file at 16 kHz that claims so many frames.
  static func flacHeader(frames: Int, rate: Int = 16000) -> [UInt8] {
    let packed = rate << 44 | 0 << 41 | 15 << 36 | frames
    let big = little(packed, 8).reversed()
    return Array("fLaC".utf8) + [0x80, 0, 0, 34, 0x10, 0, 0x10, 0, 0, 0, 0, 0, 0, 0] + big
      + [UInt8](repeating: 0, count: 16)
  }
}
