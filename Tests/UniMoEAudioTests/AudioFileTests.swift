import Foundation
import TestSupport
import Testing

@testable import UniMoEAudio

@Suite struct AudioFileTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test(arguments: ["a.wav", "a.WAV", "a.flac"])
  func sixteenBitFileKeepsItsValues(_ name: String) throws {
    let clip = AudioClip(samples: pseudoRandom(30_000, seed: 1), sampleRate: 44100, channels: 2)
    try AudioFileWriter.write(clip, to: folder(name))
    let once = try AudioFile.read(folder(name))
    #expect(once.sampleRate == 44100 && once.channels == 2 && once.frameCount == 15_000)
    #expect(largestDifference(once.samples, clip.samples) <= 1 / 65536)
    try AudioFileWriter.write(once, to: folder(name))
    #expect(try AudioFile.read(folder(name)) == once)
    #expect(folder.names == [name])
  }

  @Test func floatFileKeepsItsSamplesAndHasNoDate() throws {
    let clip = AudioClip(samples: pseudoRandom(5000, seed: 2), sampleRate: 16000)
    try AudioFileWriter.write(clip, to: folder("a.wav"), format: .float32)
    #expect(try AudioFile.read(folder("a.wav")) == clip)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder("a.wav")))
    #expect(bytes.range(of: Data("PEAK".utf8)) == nil)
  }

  @Test(arguments: ["a.wav", "a.flac"])
  func loudSamplesAreClampedNotWrapped(_ name: String) throws {
    try AudioFileWriter.write(AudioClip(samples: [0, 1, 1.5, -1, -7, 0.99999], sampleRate: 16000), to: folder(name))
    let top: Float = 32767 / 32768
    #expect(try AudioFile.read(folder(name)).samples == [0, top, top, -1, -1, top])
  }

  @Test func sampleThatIsNoNumberLeavesNoFile() {
    let clip = AudioClip(samples: [0, .nan], sampleRate: 16000)
    #expect(
      errorText { try AudioFileWriter.write(clip, to: folder("a.wav")) }
        == "\(folder("a.wav")): sample 1: expected a finite number, found nan")
    #expect(folder.names.isEmpty)
  }

  @Test(arguments: ["a.wav", "a.flac"])
  func appendingInPiecesGivesTheSameBytes(_ name: String) throws {
    let samples = pseudoRandom(10_000, seed: 3)
    try AudioFileWriter.write(AudioClip(samples: samples, sampleRate: 16000), to: folder("whole-\(name)"))
    let writer = try AudioFileWriter(path: folder(name), sampleRate: 16000)
    for start in stride(from: 0, to: samples.count, by: 777) {
      try writer.append(Array(samples[start..<min(start + 777, samples.count)]))
    }
    #expect(writer.frameCount == samples.count)
    try writer.finish()
    #expect(try contents(name) == contents("whole-\(name)"))
  }

  @Test func fileAppearsOnlyWhenFinishedAndKeepsTheOldOneUntilThen() throws {
    try Data("old".utf8).write(to: URL(fileURLWithPath: folder("a.wav")))
    let writer = try AudioFileWriter(path: folder("a.wav"), sampleRate: 16000)
    try writer.append([0.5, 0.25])
    #expect(try contents("a.wav") == Data("old".utf8))
    writer.abandon()
    #expect(folder.names == ["a.wav"])
    do {
      let dropped = try AudioFileWriter(path: folder("b.flac"), sampleRate: 16000)
      try dropped.append([0.5])
      #expect(folder.names.count == 2)
    }
    #expect(folder.names == ["a.wav"])
    #expect(try contents("a.wav") == Data("old".utf8))
  }

  @Test func linkIsKeptAndItsTargetReplaced() throws {
    try Data("old".utf8).write(to: URL(fileURLWithPath: folder("target.wav")))
    try FileManager.default.createSymbolicLink(atPath: folder("link.wav"), withDestinationPath: "target.wav")
    try AudioFileWriter.write(AudioClip(samples: [0.5], sampleRate: 16000), to: folder("link.wav"))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder("link.wav")) == "target.wav")
    #expect(try AudioFile.read(folder("target.wav")).samples == [0.5])
  }

  @Test func linkThatLeadsNowhereIsKeptAndItsTargetMade() throws {
    try FileManager.default.createSymbolicLink(atPath: folder("link.wav"), withDestinationPath: "second.wav")
    try FileManager.default.createSymbolicLink(
      atPath: folder("second.wav"), withDestinationPath: folder("target.wav"))
    try AudioFileWriter.write(AudioClip(samples: [0.5], sampleRate: 16000), to: folder("link.wav"))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder("link.wav")) == "second.wav")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder("second.wav")) == folder("target.wav"))
    #expect(try AudioFile.read(folder("target.wav")).samples == [0.5])
    try FileManager.default.createSymbolicLink(atPath: folder("circle.wav"), withDestinationPath: "circle.wav")
    #expect(
      errorText { try AudioFileWriter.write(AudioClip(samples: [0], sampleRate: 16000), to: folder("circle.wav")) }
        == "\(folder("circle.wav")): cannot be created: Too many levels of symbolic links")
  }

  @Test func badTargetsAreNamed() throws {
    let clip = AudioClip(samples: [0], sampleRate: 16000)
    func text(_ path: String, _ clip: AudioClip, _ format: SampleFormat = .pcm16) -> String? {
      errorText { try AudioFileWriter.write(clip, to: path, format: format) }
    }
    #expect(text("a.mp3", clip) == "a.mp3: expected a name that ends in .wav or .flac, found another")
    #expect(
      text("a.flac", clip, .float32) == "a.flac: expected a .wav name for 32-bit float, found FLAC, which has no floats"
    )
    let missing = folder("missing/a.wav")
    #expect(text(missing, clip) == "\(missing): cannot be created: No such file or directory")
    try FileManager.default.createDirectory(atPath: folder("d.wav"), withIntermediateDirectories: true)
    #expect(text(folder("d.wav"), clip) == "\(folder("d.wav")): expected a new or regular file, found a directory")
    #expect(
      errorText { _ = try AudioFileWriter(path: "a.wav", sampleRate: 0) }
        == "a.wav: sample rate: expected 1000 to 768000 Hz, found 0")
    #expect(
      errorText { _ = try AudioFileWriter(path: "a.flac", sampleRate: 16000, channels: 9) }
        == "a.flac: channels: expected 1 to 8, found 9")
  }

  @Test func unreadableFilesAreNamed() throws {
    #expect(errorText { _ = try AudioFile.read("no.wav") } == "no.wav: cannot be opened: No such file or directory")
    #expect(
      errorText { _ = try AudioFile.read(folder.path) }
        == "\(folder.path): expected a regular file, found something else")
    #expect(
      errorText { _ = try AudioFile.read("/dev/zero") } == "/dev/zero: expected a regular file, found something else")
  }

  @Test func cancelledReadingStops() throws {
    try AudioFileWriter.write(AudioClip(samples: [0.5], sampleRate: 16000), to: folder("a.wav"))
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: UniMoEError.cancelled) { try AudioFile.read(folder("a.wav"), cancellation: cancellation) }
  }

  // MARK: Full disks

  @Test(arguments: [SoundEncoder.Container.wav, .flac])
  func fullDiskIsReportedByTheEncoder(_ container: SoundEncoder.Container) throws {
    let full = open("/dev/full", O_RDWR)
    defer { close(full) }
    #expect(
      errorText {
        let encoder = try SoundEncoder(
          descriptor: full, name: "a", container: container, format: .pcm16, sampleRate: 16000, channels: 1)
        try pseudoRandom(100_000, seed: 4).withUnsafeBufferPointer { try encoder.append($0) }
        try encoder.finish()
      } == "a: cannot be written: No space left on device")
  }

  @Test func fullDeviceIsReportedByTheStream() throws {
    let path = folder("full.wav")
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/full")
    #expect(
      errorText { try AudioFileWriter.write(AudioClip(samples: [0], sampleRate: 16000), to: path) }
        == "\(path): cannot be written: No space left on device")
    #expect(folder.names == ["full.wav"])
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    #expect(
      errorText { _ = try AudioFileWriter(descriptor: full, sampleRate: 16000) }
        == "standard output: cannot be written: No space left on device")
  }

  @Test(.enabled(if: canMount, "needs the right to mount a small file system"), arguments: ["a.wav", "a.flac"])
  func fullFileSystemLeavesNothing(_ name: String) throws {
    try #require(mount("tmpfs", folder.path, "tmpfs", 0, "size=64k") == 0)
    defer { umount(folder.path) }
    let clip = AudioClip(samples: pseudoRandom(200_000, seed: 5), sampleRate: 16000)
    #expect(
      errorText { try AudioFileWriter.write(clip, to: folder(name)) }
        == "\(folder(name)): cannot be written: No space left on device")
    #expect(folder.names.isEmpty)
  }

  /// Whether this process may mount.
  static let canMount: Bool = {
    guard geteuid() == 0, let folder = try? ScratchFolder() else { return false }
    if mount("tmpfs", folder.path, "tmpfs", 0, "size=64k") != 0 { return false }
    umount(folder.path)
    return true
  }()

  // MARK: Descriptors

  @Test(arguments: [SampleFormat.pcm16, .float32], [true, false])
  func pipeGetsAReadableFile(_ format: SampleFormat, _ isLengthKnown: Bool) throws {
    let samples = pseudoRandom(1000, seed: 6)
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let writer = try AudioFileWriter(
      descriptor: ends[1], sampleRate: 16000, format: format, frameCount: isLengthKnown ? 1000 : nil)
    try writer.append(samples)
    try writer.finish()
    close(ends[1])
    let bytes = Array(FileHandle(fileDescriptor: ends[0], closeOnDealloc: true).readDataToEndOfFile())
    #expect(bytes.count == 44 + 1000 * format.size)
    #expect(Array(bytes[40..<44]) == little(isLengthKnown ? 1000 * format.size : 0xffff_ffff, 4))
    let clip = try bytes.withUnsafeBytes { try AudioFile.read(bytes: $0, name: "pipe") }
    #expect(largestDifference(clip.samples, samples) <= (format == .pcm16 ? 1 / 65536 : 0))
  }

  @Test func descriptorOfAFileGetsItsLengthsAtTheEnd() throws {
    let file = open(folder("a.wav"), O_RDWR | O_CREAT, 0o600)
    defer { close(file) }
    let writer = try AudioFileWriter(descriptor: file, sampleRate: 16000, channels: 2)
    try writer.append([Float](repeating: 0.5, count: 20))
    try writer.finish()
    let bytes = try Array(contents("a.wav"))
    #expect(bytes.count == 84 && Array(bytes[4..<8]) == little(76, 4) && Array(bytes[40..<44]) == little(40, 4))
    #expect(try AudioFile.read(folder("a.wav")).frameCount == 10)
  }

  @Test func brokenPromiseOfLengthIsReported() throws {
    let null = open("/dev/null", O_WRONLY)
    defer { close(null) }
    let writer = try AudioFileWriter(descriptor: null, sampleRate: 16000, frameCount: 5)
    try writer.append([0, 0])
    #expect(errorText { try writer.finish() } == "standard output: expected 5 frames, as announced, found 2")
  }

  // MARK: Odd but sound files

  @Test(arguments: [8, 16, 24, 32])
  func everyIntegerWidthIsRead(_ bits: Int) throws {
    // A quarter of full scale; 8-bit WAV is unsigned.
    let value = bits == 8 ? [0xa0] : [UInt8](repeating: 0, count: bits / 8 - 1) + [0x20]
    let wav = HandmadeWAV(bits: bits, data: value + value)
    let clip = try wav.bytes.withUnsafeBytes { try AudioFile.read(bytes: $0, name: "a") }
    #expect(clip.samples == [0.25, 0.25])
  }

  /// What eSpeak NG, SoX, GStreamer, arecord and FFmpeg put into a pipe, where nobody can go back to the header.
  @Test(arguments: [0, 0x7fff_f000, 0x7fff_f024, 0x7fff_ffff, 0x8000_0000, 0xffff_ffdb, 0xffff_ffff])
  func lengthThatWasNotKnownIsReadToTheEnd(_ size: Int) throws {
    let wav = HandmadeWAV(dataSize: size, data: little(16384, 2) + little(8192, 2))
    let clip = try wav.bytes.withUnsafeBytes { try AudioFile.read(bytes: $0, name: "a") }
    #expect(clip.samples == [0.5, 0.25])
  }

  @Test func replacedFileKeepsItsPermissionsAndANewOneHasTheUsual() throws {
    let clip = AudioClip(samples: [0, 0.5], sampleRate: 16000)
    for mode in [0o600, 0o640, 0o664] {
      try Data().write(to: URL(fileURLWithPath: folder("a.wav")))
      #expect(chmod(folder("a.wav"), mode_t(mode)) == 0)
      try AudioFileWriter.write(clip, to: folder("a.wav"))
      #expect(try permissions("a.wav") == mode)
    }
    let mask = umask(0o027)
    defer { umask(mask) }
    try AudioFileWriter.write(clip, to: folder("b.wav"))
    #expect(try permissions("b.wav") == 0o640)
  }

  @Test func firstFreeNameIsTakenAndNoFileReplaced() throws {
    let clip = AudioClip(samples: [0, 0.5], sampleRate: 16000)
    try Data("kept".utf8).write(to: URL(fileURLWithPath: folder("a.wav")))
    // A link that leads nowhere is somebody's too.
    try FileManager.default.createSymbolicLink(atPath: folder("a-2.wav"), withDestinationPath: "nowhere")
    func write(_ names: [String]) throws -> String {
      try AudioFileWriter.write(clip, underFirstFree: names, in: folder.path, name: "a.wav")
    }
    #expect(try write(["a.wav", "a-2.wav", "a-3.wav", "a-4.wav"]) == "a-3.wav")
    #expect(try AudioFile.read(folder("a-3.wav")).samples == [0, 0.5])
    #expect(errorText { _ = try write(["a.wav", "a-3.wav"]) } == "a.wav: cannot be put in place: File exists")
    #expect(folder.names == ["a-2.wav", "a-3.wav", "a.wav"])
    #expect(try contents("a.wav") == Data("kept".utf8))
  }

  @Test func oggIsRead() throws {
    let path = folder("a.ogg")
    let samples = sine(440, seconds: 0.5, rate: 16000)
    try writeOgg(samples, rate: 16000, to: path)
    let clip = try AudioFile.read(path)
    #expect(clip.sampleRate == 16000 && clip.frameCount == samples.count)
    #expect(largestDifference(clip.samples, samples) < 0.1)
  }

  @Test func cutFlacIsReported() throws {
    try AudioFileWriter.write(
      AudioClip(samples: pseudoRandom(50_000, seed: 7), sampleRate: 16000), to: folder("a.flac"))
    let half = Array(try contents("a.flac").prefix(50_000))
    let text = errorText { _ = try half.withUnsafeBytes { try AudioFile.read(bytes: $0, name: "a.flac") } }
    #expect(text?.hasPrefix("a.flac: expected 50000 frames, as its header says, found ") == true)
  }

  @Test func monoIsTheMeanOfAllChannels() {
    #expect(AudioClip(samples: [1, 0, 0.5, -0.5], sampleRate: 16000, channels: 2).mono() == [0.5, 0])
    #expect(AudioClip(samples: [1, 0, 0.5], sampleRate: 16000, channels: 3).mono() == [0.5])
    #expect(AudioClip(samples: [1, 0, 0.5], sampleRate: 16000).mono() == [1, 0, 0.5])
  }

  private func permissions(_ name: String) throws -> Int {
    var status = stat()
    try #require(stat(folder(name), &status) == 0)
    return Int(status.st_mode & 0o777)
  }

  private func contents(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder(name))) }
}
