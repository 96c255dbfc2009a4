import UniMoEAudio

/// Draws a sound: its wave, its spectrogram with axes, and the scale of levels.
struct SpectrogramPicture {
  private static let ground = Picture.Colour(0x0b0b14)
  private static let line = Picture.Colour(0x3a3a4c)
  private static let ink = Picture.Colour(0xe4e4ec)
  private static let dimInk = Picture.Colour(0x9a9aac)
  private static let waveHeight = 72

  private let spectrogram: Spectrogram
  private let samples: [Float]
  private let title: String
  private let left = 70
  private let waveTop = 52
  private var top: Int { waveTop + Self.waveHeight + 14 }
  private var width: Int { spectrogram.options.width }
  private var height: Int { spectrogram.options.height }
  private var bottom: Int { top + height }
  private var seconds: Double { Double(samples.count) / Double(spectrogram.sampleRate) }
  /// The level of the brightest colour in dB: the loudest, rounded up.
  private let loudest: Double

  /// Draws a sound of one channel and writes it as PNG, whole or not at all.
  ///
  /// Throws what `Spectrogram.init` throws, `request` unless the name ends in `.png`, and `system` if the disk refuses.
  static func write(
    _ samples: [Float], sampleRate: Int, title: String, to path: String,
    options: Spectrogram.Options = Spectrogram.Options(), cancellation: Cancellation = Cancellation()
  ) throws(UniMoEError) {
    try check(path: path)
    let spectrogram = try Spectrogram(samples, sampleRate: sampleRate, options: options, cancellation: cancellation)
    try PNGFile.write(SpectrogramPicture(spectrogram, samples: samples, title: title).draw(), to: path)
  }

  /// Throws unless a path is a name for a PNG file; for programs that want to know before they have made the sound.
  static func check(path: String) throws(UniMoEError) {
    if !path.lowercased().hasSuffix(".png") {
      throw UniMoEError(.request, path, expected: "a name that ends in .png", found: "another")
    }
  }

  init(_ spectrogram: Spectrogram, samples: [Float], title: String) {
    self.spectrogram = spectrogram
    self.samples = samples
    self.title = title
    let peak = Double(spectrogram.levels.max() ?? 0)
    loudest = peak < -120 ? 0 : (peak / 5).rounded(.up) * 5
  }

  /// The picture.
  func draw() -> Picture {
    var picture = Picture(width: left + width + 100, height: bottom + 44, Self.ground)
    drawTitle(on: &picture)
    drawWave(on: &picture)
    drawLevels(on: &picture)
    drawTimeAxis(on: &picture)
    drawFrequencyAxis(on: &picture)
    drawScale(on: &picture)
    return picture
  }

  private func drawTitle(on picture: inout Picture) {
    let rate = decimal(spectrogram.sampleRate, scale: 1000) + " kHz"
    let facts = decimal(Int((seconds * 100).rounded()), scale: 100) + " s, " + rate
    let factsWidth = Picture.width(of: facts)
    // On a narrow picture the title is worth more.
    let hasFacts = factsWidth < width / 2
    if hasFacts { picture.text(facts, x: left + width, y: 20, Self.dimInk, .right) }
    var characters = PixelFont.characters(of: title)
    let room = (width - (hasFacts ? factsWidth + 24 : 0)) / (2 * PixelFont.advance)
    if characters.count > room { characters = characters.prefix(max(0, room - 3)) + Array("...".utf8) }
    picture.text(String(decoding: characters, as: UTF8.self), x: left, y: 20, Self.ink)
  }

  /// The wave's extremes per column, with its root mean square inside.
  private func drawWave(on picture: inout Picture) {
    let middle = waveTop + Self.waveHeight / 2
    let reach = Float(Self.waveHeight / 2 - 2)
    picture.frame(x: left, y: waveTop, width: width, height: Self.waveHeight, Self.line)
    picture.fill(x: left, y: middle, width: width, height: 1, Self.line)
    // Quiet sounds are drawn larger, so that their shape is seen.
    let peak = max(0.05, samples.reduce(0) { max($0, $1.isFinite ? abs($1) : 0) })
    for column in 0..<width {
      let (start, end) = (column * samples.count / width, (column + 1) * samples.count / width)
      let part = samples[start..<max(start + 1, end)].lazy.filter(\.isFinite)
      let (low, high) = (part.min() ?? 0, part.max() ?? 0)
      let square = part.reduce(Float(0)) { $0 + $1 * $1 }
      let rms = min(max(high, -low), (square / Float(max(1, end - start))).squareRoot())
      func bar(_ from: Float, _ to: Float, _ colour: Picture.Colour) {
        let y = middle - Int((to / peak * reach).rounded())
        let height = Int((to / peak * reach).rounded()) - Int((from / peak * reach).rounded()) + 1
        picture.fill(x: left + column, y: y, width: 1, height: height, colour)
      }
      bar(low, high, ColourMap.colour(at: 0.42))
      bar(max(low, -rms), min(high, rms), ColourMap.colour(at: 0.72))
    }
  }

  private func drawLevels(on picture: inout Picture) {
    for column in 0..<width {
      for row in 0..<height {
        let share = (Double(spectrogram[column, row]) - loudest) / spectrogram.options.range + 1
        picture.set(left + column, bottom - 1 - row, ColourMap.colour(at: share))
      }
    }
    picture.frame(x: left, y: top, width: width, height: height, Self.line)
  }

  private func drawTimeAxis(on picture: inout Picture) {
    let ticks = TimeTicks(seconds: seconds, width: width)
    for tick in ticks.all {
      let x = left + Int((tick.seconds / seconds * Double(width)).rounded())
      if x >= left + width + 2 { continue }
      if x > left && x < left + width {
        picture.fill(x: x, y: top, width: 1, height: height, Self.ink, opacity: 0.1)
      }
      picture.fill(x: x, y: bottom + 1, width: 1, height: 6, Self.dimInk)
      picture.text(tick.label, x: x, y: bottom + 14, Self.ink, .center)
    }
    picture.text(ticks.unit, x: left + width + 44, y: bottom + 14, Self.dimInk, .left)
  }

  private func drawFrequencyAxis(on picture: inout Picture) {
    let limit = Double(spectrogram.sampleRate) / 2
    var places: [Int] = []
    // Round numbers first; others only where there is room.
    for frequency in Self.frequencies where Double(frequency) <= limit {
      let share = spectrogram.options.axis.share(of: Double(frequency), top: limit)
      let y = bottom - Int((share * Double(height)).rounded())
      if places.contains(where: { abs($0 - y) < 24 }) { continue }
      places.append(y)
      if y > top && y < bottom { picture.fill(x: left, y: y, width: width, height: 1, Self.ink, opacity: 0.1) }
      picture.fill(x: left - 7, y: min(y, bottom - 1), width: 6, height: 1, Self.dimInk)
      let label = frequency < 1000 ? "\(frequency)" : decimal(frequency, scale: 1000) + "k"
      picture.text(label, x: left - 12, y: y - 7, Self.ink, .right)
    }
    picture.text("Hz", x: left - 12, y: top - 32, Self.dimInk, .right)
  }

  private static let frequencies = [
    0, 1000, 2000, 4000, 8000, 500, 16000, 250, 3000, 6000, 12000, 24000, 32000, 48000, 1500, 5000, 7000, 10000, 20000,
    64000, 96000, 192_000, 384_000,
  ]

  private func drawScale(on picture: inout Picture) {
    let x = left + width + 18
    for row in 0..<height {
      let share = (Double(row) + 0.5) / Double(height)
      picture.fill(x: x, y: bottom - 1 - row, width: 14, height: 1, ColourMap.colour(at: share))
    }
    picture.frame(x: x, y: top, width: 14, height: height, Self.line)
    let range = spectrogram.options.range
    var level = loudest
    while level >= loudest - range {
      let y = bottom - Int(((level - loudest) / range * Double(height) + Double(height)).rounded())
      picture.fill(x: x + 15, y: min(y, bottom - 1), width: 5, height: 1, Self.dimInk)
      picture.text("\(Int(level))", x: x + 25, y: y - 7, Self.ink)
      level -= 20
    }
    picture.text("dB", x: x + 25, y: top - 32, Self.dimInk)
  }
}

/// Round times along an axis.
struct TimeTicks {
  /// One labelled time.
  struct Tick: Equatable {
    let seconds: Double
    let label: String
  }

  /// The times in order, from 0.
  let all: [Tick]
  /// What the labels count.
  let unit: String

  /// Chooses the closest times whose labels have room on `width` pixels.
  init(seconds: Double, width: Int) {
    let milliseconds = [
      1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000,
      1_200_000, 1_800_000, 3_600_000,
    ]
    let room = 90 / Double(width) * seconds * 1000
    // Absurdly long sounds get whole hours.
    let step = milliseconds.first { Double($0) >= room } ?? Int((room / 3_600_000).rounded(.up)) * 3_600_000
    let inMinutes = seconds >= 120
    unit = inMinutes ? "m:s" : "s"
    all = (0...Int(seconds * 1000 / Double(step))).map { index in
      let time = index * step
      let rest = time / 1000 % 60
      let label = inMinutes ? "\(time / 60_000):\(rest < 10 ? "0" : "")\(rest)" : decimal(time, scale: 1000)
      return Tick(seconds: Double(time) / 1000, label: label)
    }
  }
}

/// A number of thousandths or hundredths as a decimal without trailing zeros: 1500 at a scale of 1000 is "1.5".
func decimal(_ value: Int, scale: Int) -> String {
  var (rest, digits, unit) = (value % scale, "", scale / 10)
  while rest > 0 && unit > 0 {
    digits += "\(rest / unit)"
    rest %= unit
    unit /= 10
  }
  return digits.isEmpty ? "\(value / scale)" : "\(value / scale).\(digits)"
}
