import Cpng
import Foundation
import TestSupport
import Testing
import UniMoEAudio

@testable import unimoe_audio

@Suite struct SpectrogramTests {
  private static let small: Spectrogram.Options = {
    var options = Spectrogram.Options()
    options.width = 64
    options.height = 100
    return options
  }()

  @Test(arguments: [2, 8, 64])
  func transformEqualsTheSumThatDefinesIt(_ size: Int) {
    let signal = pseudoRandom(size, seed: 1).map(Double.init)
    var transform = FourierTransform(size: size)
    var power = [Double](repeating: 1, count: size / 2 + 1)
    transform.addPower(of: signal, to: &power)
    for frequency in 0...size / 2 {
      var (re, im) = (0.0, 0.0)
      for (time, value) in signal.enumerated() {
        let angle = 2 * Double.pi * Double(frequency * time) / Double(size)
        re += value * cos(angle)
        im -= value * sin(angle)
      }
      #expect(abs(power[frequency] - 1 - re * re - im * im) < 1e-9)
    }
  }

  @Test(arguments: [Spectrogram.FrequencyAxis.mel, .linear], [16000, 48000])
  func sineIsBrightestAtItsFrequencyAndItsLevel(_ axis: Spectrogram.FrequencyAxis, _ rate: Int) throws {
    var options = Self.small
    options.axis = axis
    let spectrogram = try Spectrogram(sine(2000, seconds: 0.2, rate: rate), sampleRate: rate, options: options)
    let column = (0..<100).map { spectrogram[32, $0] }
    let loudest = try #require(column.max())
    let row = try #require(column.firstIndex(of: loudest))
    let expected = axis.share(of: 2000, top: Double(rate) / 2) * 100
    #expect(abs(Double(row) + 0.5 - expected) <= 1)
    #expect(abs(loudest - -6.02) < 0.5)
  }

  @Test func axesAreTheirOwnInverse() {
    for axis in [Spectrogram.FrequencyAxis.mel, .linear] {
      for frequency in [0, 440, 7999.0] {
        #expect(abs(axis.frequency(at: axis.share(of: frequency, top: 8000), top: 8000) - frequency) < 1e-6)
      }
    }
  }

  @Test func silenceIsAtTheFloorAndLoudSoundIsNot() throws {
    let quiet = try Spectrogram([Float](repeating: 0, count: 9), sampleRate: 16000, options: Self.small)
    #expect(quiet.levels.allSatisfy { $0 == Float(Spectrogram.floor) })
    let loud = try Spectrogram(pseudoRandom(9000, seed: 2), sampleRate: 16000, options: Self.small)
    #expect(loud.levels.allSatisfy { $0 > -80 })
  }

  @Test func soundOutOfRangeIsRefused() {
    func text(_ samples: [Float], _ rate: Int, _ change: (inout Spectrogram.Options) -> Void = { _ in }) -> String? {
      var options = Self.small
      change(&options)
      return errorText { _ = try Spectrogram(samples, sampleRate: rate, options: options) }
    }
    #expect(text([], 16000) == "spectrogram: sound: expected at least one sample, found none")
    #expect(text([0], 0) == "spectrogram: sample rate: expected 1000 to 768000 Hz, found 0")
    #expect(text([0], 16000) { $0.width = 10_000 } == "spectrogram: width: expected 64 to 8192, found 10000")
    #expect(text([0], 16000) { $0.height = 0 } == "spectrogram: height: expected 64 to 4096, found 0")
    #expect(text([0], 16000) { $0.range = .nan } == "spectrogram: range: expected 10 to 180 dB, found nan")
  }

  @Test func cancelledDrawingLeavesNothing() throws {
    let folder = try ScratchFolder()
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: UniMoEError.cancelled) {
      try SpectrogramPicture.write(
        [0], sampleRate: 16000, title: "", to: folder("a.png"), options: Self.small, cancellation: cancellation)
    }
    #expect(folder.names.isEmpty)
  }
}

@Suite struct SpectrogramPictureTests {
  private let options: Spectrogram.Options
  private let folder: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
    var options = Spectrogram.Options()
    options.width = 120
    options.height = 64
    self.options = options
  }

  @Test func fileHoldsThePicture() throws {
    let samples = sine(1000, seconds: 0.3, rate: 16000)
    let spectrogram = try Spectrogram(samples, sampleRate: 16000, options: options)
    let picture = SpectrogramPicture(spectrogram, samples: samples, title: "Größe “x” 世界").draw()
    try SpectrogramPicture.write(
      samples, sampleRate: 16000, title: "Größe “x” 世界", to: folder("a.png"), options: options)
    let decoded = try decode(Data(contentsOf: URL(fileURLWithPath: folder("a.png"))))
    #expect(decoded.width == picture.width && decoded.height == picture.height)
    let isSame = decoded.bytes == picture.bytes
    #expect(isSame)
    #expect(folder.names == ["a.png"])
  }

  @Test func toneIsABrightLineAndTheTitleIsDrawn() throws {
    let samples = sine(1000, seconds: 0.3, rate: 16000)
    let spectrogram = try Spectrogram(samples, sampleRate: 16000, options: options)
    let plain = SpectrogramPicture(spectrogram, samples: samples, title: "").draw()
    let titled = SpectrogramPicture(spectrogram, samples: samples, title: "tone").draw()
    let isTitled = plain.bytes != titled.bytes
    #expect(isTitled)
    // The spectrogram's left edge is 70 pixels in; it begins under margin, title and wave.
    let column = (138..<202).map { Int(plain[70 + 60, $0].green) }
    let share = Spectrogram.FrequencyAxis.mel.share(of: 1000, top: 8000)
    let brightest = try #require(column.firstIndex(of: column.max() ?? 0))
    #expect(abs(Double(64 - brightest) - share * 64) < 2)
  }

  @Test(arguments: [1, 2, 700]) func shortSoundIsDrawn(_ count: Int) throws {
    let samples = pseudoRandom(count, seed: 1) + [.nan]
    try SpectrogramPicture.write(
      samples, sampleRate: 44100, title: String(repeating: "long ", count: 90), to: folder("a.png"), options: options)
    #expect(folder.names == ["a.png"])
  }

  @Test func badNamesAreRefused() {
    #expect(
      errorText { try SpectrogramPicture.write([0], sampleRate: 16000, title: "", to: "a.jpg") }
        == "a.jpg: expected a name that ends in .png, found another")
    let missing = folder("none/a.png")
    #expect(
      errorText { try SpectrogramPicture.write([0], sampleRate: 16000, title: "", to: missing, options: options) }
        == "\(missing): cannot be created: No such file or directory")
  }

  @Test func timesOnTheAxisAreRoundAndHaveRoom() {
    func labels(_ seconds: Double) -> [String] { TimeTicks(seconds: seconds, width: 1000).all.map(\.label) }
    #expect(
      labels(0.01) == ["0", "0.001", "0.002", "0.003", "0.004", "0.005", "0.006", "0.007", "0.008", "0.009", "0.01"])
    #expect(labels(3) == ["0", "0.5", "1", "1.5", "2", "2.5", "3"])
    #expect(labels(200) == ["0:00", "0:20", "0:40", "1:00", "1:20", "1:40", "2:00", "2:20", "2:40", "3:00", "3:20"])
    #expect(labels(0.0001) == ["0"])
    #expect((2...12).contains(labels(1e6).count))
  }

  @Test func coloursRunFromDarkToBright() {
    let brightness = ColourMap.table.map { Int($0.red) + Int($0.green) + Int($0.blue) }
    #expect(brightness.count == 256 && brightness.first == 4 && brightness.last == 0xfc + 0xfd + 0xbf)
    #expect(zip(brightness, brightness.dropFirst()).allSatisfy { $0 <= $1 + 4 })
    #expect(ColourMap.colour(at: -5) == ColourMap.table[0] && ColourMap.colour(at: 5) == ColourMap.table[255])
  }

  @Test func textIsReducedToTheFont() {
    #expect(String(decoding: PixelFont.characters(of: "Aé„x“—世界!…"), as: UTF8.self) == "Ae\"x\"-?!...")
    #expect(PixelFont.hasInk(UInt8(ascii: "I"), 2, 3) && !PixelFont.hasInk(UInt8(ascii: "I"), 0, 3))
    #expect(!PixelFont.hasInk(0xff, 0, 0) && !PixelFont.hasInk(UInt8(ascii: "I"), 5, 3))
  }

  private func decode(_ data: Data) throws -> (width: Int, height: Int, bytes: [UInt8]) {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    return try data.withUnsafeBytes { bytes in
      try #require(png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0)
      image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
      var pixels = [UInt8](repeating: 0, count: Int(image.width * image.height) * 3)
      try #require(png_image_finish_read(&image, nil, &pixels, 0, nil) != 0)
      return (Int(image.width), Int(image.height), pixels)
    }
  }
}
