import Glibc

/// Where in a bar each code frame lies, as codes of `beat`, at a steady tempo (docs/plan-channels.md, "Music").
struct BeatClock: Equatable, Sendable {
  /// Codes of `beat` per bar, and per quarter note.
  static let barCodes = 48, beatCodes = 12
  /// Seconds before the first beat of a piece.
  static let leadIn = 0.02

  /// Quarter notes a minute.
  let beatsPerMinute: Double
  /// Quarter notes of a bar.
  let meter: Int
  /// Code frames a second.
  let codeRate: Double

  /// The tempo and metre of a code of `tempo`: classes of 5 % from 50 a minute.
  init(tempo code: Int32, codeRate: Double) {
    beatsPerMinute = 50 * pow(1.05, Double(code / 2))
    meter = code % 2 == 1 ? 3 : 4
    self.codeRate = codeRate
  }

  /// The code of `beat` in a code frame.
  subscript(codeFrame: Int) -> Int32 {
    let seconds = max(0, (Double(codeFrame) + 0.5) / codeRate - Self.leadIn)
    let twelfth = Int(floor(seconds * beatsPerMinute / 60 * Double(Self.beatCodes) + 1e-6))
    let bar = twelfth / (meter * Self.beatCodes)
    return Int32(Self.barCodes * (bar % 4) + twelfth % (meter * Self.beatCodes))
  }

  /// Whether a channel is decided in a code frame rather than held, from the codes of `beat` there and before.
  static func decides(_ channel: PlanChannel.Name, _ beat: Int32, after before: Int32) -> Bool {
    switch channel {
    case .beat: true
    case .chord: beat / Int32(beatCodes) != before / Int32(beatCodes)
    case .melody, .bass, .drums: beat != before
    case .tempo, .lead, .phoneme, .ahead1, .ahead2: false
    }
  }
}
