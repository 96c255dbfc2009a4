import Glibc

/// Stops a request that will never end by itself: endless silence, or the same code frames over and over.
///
/// It looks at complete code frames and at the samples as they come, so that its decision depends on the request alone.
struct Watchdog: Sendable {
  /// Seconds of silence, or of repetition, after which a request is stopped.
  static let patience = 4.0
  /// Samples below this are silence: -60 dB of full scale.
  static let silence: Float = 0.001
  /// The longest repeated pattern that is recognised, in seconds.
  static let longestPeriod = 1.0

  private let sampleRate: Int
  private let codeRate: Double
  private var silentSamples = 0
  /// How many code frames in a row equalled the one `period` before: indexed by `period - 1`.
  private var repeats: [Int]
  private var history: [ArraySlice<Int32>] = []

  /// Whether the request should be stopped.
  private(set) var isTriggered = false

  /// Watches one request.
  init(sampleRate: Int, hopLength: Int) {
    self.sampleRate = sampleRate
    codeRate = Double(sampleRate) / Double(hopLength)
    repeats = Array(repeating: 0, count: max(1, Int(Self.longestPeriod * codeRate)))
  }

  /// Looks at the next code frames.
  mutating func see(_ codes: Codes) {
    for frame in 0..<codes.frameCount {
      let codeFrame = codes[frame]
      for period in 1...repeats.count {
        let isRepeated = period <= history.count && history[history.count - period].elementsEqual(codeFrame)
        repeats[period - 1] = isRepeated ? repeats[period - 1] + 1 : 0
        if Double(repeats[period - 1]) >= Self.patience * codeRate { isTriggered = true }
      }
      history.append(codeFrame)
      if history.count > repeats.count { history.removeFirst() }
    }
  }

  /// Looks at the next samples.
  mutating func hear(_ samples: UnsafeBufferPointer<Float>) {
    for sample in samples { silentSamples = abs(sample) < Self.silence ? silentSamples + 1 : 0 }
    if Double(silentSamples) >= Self.patience * Double(sampleRate) { isTriggered = true }
  }
}
