import Csndfile
import Foundation
import Testing

@testable import UniMoEAudio

/// WAV files made by hand, so that every field can be wrong.
struct HandmadeWAV {
  var tag = "RIFF"
  var kind = "WAVE"
  var formatTag = 1
  var channels = 1
  var sampleRate = 16000
  var bits = 16
  /// What the data chunk claims to hold; `nil` tells the truth.
  var dataSize: Int?
  var data: [UInt8] = [UInt8](repeating: 0, count: 64)
  /// Bytes between the format and the data chunk.
  var middle: [UInt8] = []
  var hasFormat = true

  var bytes: [UInt8] {
    let frameSize = channels * bits / 8
    var body = Array(kind.utf8)
    if hasFormat {
      body += Array("fmt ".utf8) + little(16, 4) + little(formatTag, 2) + little(channels, 2)
      body += little(sampleRate, 4) + little(sampleRate * frameSize, 4) + little(frameSize, 2) + little(bits, 2)
    }
    body += middle + Array("data".utf8) + little(dataSize ?? data.count, 4) + data
    return Array(tag.utf8) + little(body.count, 4) + body
  }
}

/// A number as little-endian bytes.
func little(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// Floats as little-endian bytes.
func floatBytes(_ values: [Float]) -> [UInt8] { values.flatMap { little(Int($0.bitPattern), 4) } }

/// Writes OGG Vorbis, which the engine reads but does not write.
func writeOgg(_ samples: [Float], rate: Int, to path: String) throws {
  var info = SF_INFO()
  info.samplerate = Int32(rate)
  info.channels = 1
  info.format = Int32(SF_FORMAT_OGG | SF_FORMAT_VORBIS)
  let handle = try #require(sf_open(path, Int32(SFM_WRITE), &info))
  sf_writef_float(handle, samples, sf_count_t(samples.count))
  #expect(sf_close(handle) == 0)
}
