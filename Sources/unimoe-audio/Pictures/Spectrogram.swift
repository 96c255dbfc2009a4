import Glibc
import UniMoEAudio

/// The spectrum of a sound over time: levels in dB over frequency and time, on a grid of the size of the picture.
struct Spectrogram: Sendable {
  /// How the frequency axis is divided.
  enum FrequencyAxis: Sendable {
    /// By pitch as heard; shows voices and melodies.
    case mel
    /// Evenly.
    case linear

    /// The frequency in Hz at a share (0...1) of an axis that ends at `top`.
    func frequency(at share: Double, top: Double) -> Double {
      switch self {
      case .linear: share * top
      case .mel: 700 * (exp(share * log(1 + top / 700)) - 1)
      }
    }

    /// The share of the axis at a frequency in Hz.
    func share(of frequency: Double, top: Double) -> Double {
      switch self {
      case .linear: frequency / top
      case .mel: log(1 + frequency / 700) / log(1 + top / 700)
      }
    }
  }

  /// How a spectrogram is made and drawn.
  struct Options: Equatable, Sendable {
    /// Pixels along time, 64...8192.
    var width = 1000
    /// Pixels along frequency, 64...4096.
    var height = 400
    /// The frequency axis.
    var axis = FrequencyAxis.mel
    /// The levels shown, in dB below the loudest.
    var range = 80.0

    /// Creates the usual options.
    init() {}
  }

  /// The lowest level there is, in dB.
  static let floor = -200.0
  /// Spectra per column at the most; of longer sounds each column shows samples of its stretch.
  private static let spectraPerColumn = 16

  /// The options it was made with.
  let options: Options
  /// Samples per second.
  let sampleRate: Int
  /// Levels in dB, 0 for a sine of full scale; `[width, height]`, the lowest frequency first.
  let levels: [Float]

  /// The level at a column and at a row from the bottom.
  subscript(column: Int, row: Int) -> Float { levels[column * options.height + row] }

  /// Analyses a sound of one channel.
  ///
  /// Throws `UniMoEError` of kind `request` for an empty sound, a rate that is out of range and a size that is; and
  /// `cancelled`. Thread: any.
  init(
    _ samples: [Float], sampleRate: Int, options: Options = Options(), cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) {
    try Self.check(samples, sampleRate, options)
    self.options = options
    self.sampleRate = sampleRate
    // About 46 ms, the usual compromise between pitch and time; twice the length for a smooth curve.
    let window = Self.window(1 << Int(log2(0.046 * Double(sampleRate)).rounded()))
    var transform = FourierTransform(size: 2 * window.count)
    let scale = Self.powerScale(of: window)
    let rows = Self.rows(options: options, sampleRate: sampleRate, binCount: window.count + 1)
    var levels: [Float] = []
    levels.reserveCapacity(options.width * options.height)
    for column in 0..<options.width {
      try cancellation.check()
      let (start, end) = (column * samples.count / options.width, (column + 1) * samples.count / options.width)
      let spectra = max(1, min(Self.spectraPerColumn, (end - start) / (window.count / 2)))
      var power = [Double](repeating: 0, count: window.count + 1)
      for index in 0..<spectra {
        let center = start + (end - start) * (2 * index + 1) / (2 * spectra)
        transform.addPower(of: Self.cut(samples, around: center, window), to: &power)
      }
      for row in rows { levels.append(Float(Self.decibels(row.level(power) * scale / Double(spectra)))) }
    }
    self.levels = levels
  }

  private static func check(_ samples: [Float], _ rate: Int, _ options: Options) throws(UniMoEError) {
    func require(_ isValid: Bool, _ field: String, _ expected: String, _ found: String) throws(UniMoEError) {
      if !isValid { throw UniMoEError(.request, "spectrogram", field: field, expected: expected, found: found) }
    }
    try require(!samples.isEmpty, "sound", "at least one sample", "none")
    let rates = AudioFile.sampleRates
    try require(rates.contains(rate), "sample rate", "\(rates.lowerBound) to \(rates.upperBound) Hz", "\(rate)")
    try require((64...8192).contains(options.width), "width", "64 to 8192", "\(options.width)")
    try require((64...4096).contains(options.height), "height", "64 to 4096", "\(options.height)")
    try require((10...180).contains(options.range), "range", "10 to 180 dB", "\(options.range)")
  }

  /// A Hann window.
  private static func window(_ count: Int) -> [Double] {
    (0..<count).map { 0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(count)) }
  }

  /// Makes the power of a full-scale sine 1.
  private static func powerScale(of window: [Double]) -> Double {
    let sum = window.reduce(0, +)
    return 4 / (sum * sum)
  }

  private static func cut(_ samples: [Float], around center: Int, _ window: [Double]) -> [Double] {
    let start = center - window.count / 2
    var result = [Double](repeating: 0, count: window.count)
    for index in max(0, -start)..<max(0, -start, min(window.count, samples.count - start)) {
      let sample = samples[start + index]
      result[index] = sample.isFinite ? Double(sample) * window[index] : 0
    }
    return result
  }

  private static func decibels(_ power: Double) -> Double { power > 1e-20 ? 10 * log10(power) : floor }

  /// The part of the spectrum that a row of pixels shows.
  private struct Row {
    let low: Double
    let high: Double

    /// The largest power in the part; between two frequencies where it is narrower than their distance.
    func level(_ power: [Double]) -> Double {
      if high - low <= 1 {
        let middle = (low + high) / 2
        let index = min(Int(middle), power.count - 2)
        let share = middle - Double(index)
        return power[index] * (1 - share) + power[index + 1] * share
      }
      return power[Int(low.rounded())...Int(high.rounded())].max() ?? 0
    }
  }

  private static func rows(options: Options, sampleRate: Int, binCount: Int) -> [Row] {
    let top = Double(sampleRate) / 2
    func bin(_ edge: Int) -> Double {
      let frequency = options.axis.frequency(at: Double(edge) / Double(options.height), top: top)
      return min(Double(binCount - 1), frequency / top * Double(binCount - 1))
    }
    return (0..<options.height).map { Row(low: bin($0), high: bin($0 + 1)) }
  }
}
