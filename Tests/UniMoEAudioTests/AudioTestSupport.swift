import Csndfile
import Foundation
import Testing

@testable import UniMoEAudio

/// A folder that vanishes with the test.
final class ScratchFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/unimoe-audio-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// All names in it, hidden ones too.
  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}

/// The text of the error that a body throws; `nil` if it throws none.
func errorText(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}

/// A sine of one amplitude.
func sine(_ frequency: Double, seconds: Double, rate: Int, amplitude: Double = 0.5) -> [Float] {
  (0..<Int(seconds * Double(rate))).map { index in
    Float(amplitude * sin(2 * Double.pi * frequency * Double(index) / Double(rate)))
  }
}

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
