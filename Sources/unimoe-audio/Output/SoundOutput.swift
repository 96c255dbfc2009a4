import Glibc
import Posix
import UniMoEAudio

/// Where sound goes, in what form: checked before anything is computed.
struct SoundOutput {
  /// The sound file.
  let file: OutputFile
  /// Playback rate; `nil` keeps the model's.
  let rate: Int?
  /// The picture, if one is wanted.
  let spectrogram: OutputFile?
  /// Where the codes go, if they are wanted.
  let codes: OutputFile?

  /// What was written.
  struct Written {
    var sampleRate: Int
    var samples: Int
    /// Duration of the sound.
    var seconds: Double { Double(samples) / Double(sampleRate) }
  }

  /// Writes mono sound, resampled if another rate is wanted, and its picture, which bears a title. Cancelled in the
  /// middle, it leaves no file of the sound.
  func write(_ samples: [Float], sampleRate: Int, title: String, cancellation: Cancellation) throws -> Written {
    guard !samples.isEmpty else {
      throw CommandFailure(.software, "the model ended before any sound: try another --seed, or --min-seconds")
    }
    let target = rate ?? sampleRate
    let sound =
      target == sampleRate
      ? samples : try Resampler.resample(samples, from: sampleRate, to: target, cancellation: cancellation)
    if let spectrogram {
      try SpectrogramPicture.write(
        samples, sampleRate: sampleRate, title: title, to: spectrogram.path, cancellation: cancellation)
    }
    if file.isStandardOutput {
      try write(sound, rate: target, to: STDOUT_FILENO, cancellation)
    } else if file.isSpecialFile {
      let descriptor = open(file.path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw CommandFailure(.cannotCreate, "\(file.path): cannot be opened: \(SystemError.last)")
      }
      defer { close(descriptor) }
      try write(sound, rate: target, to: descriptor, cancellation)
    } else {
      let clip = AudioClip(samples: sound, sampleRate: target)
      try AudioFileWriter.write(clip, to: file.path, cancellation: cancellation)
    }
    return Written(sampleRate: target, samples: sound.count)
  }

  /// Writes the codes of every piece, if wanted: a JSON array of pieces, of code frames, of codes.
  func write(codes pieces: [Codes]) throws {
    guard let codes else { return }
    let frames = pieces.map { piece in (0..<piece.frameCount).map { Array(piece[$0]) } }
    try codes.write(Array((JSONLine.text(frames) + "\n").utf8))
  }

  private func write(_ sound: [Float], rate: Int, to descriptor: Int32, _ cancellation: Cancellation) throws {
    let name = file.isStandardOutput ? "standard output" : file.path
    do {
      let writer = try AudioFileWriter(
        descriptor: descriptor, name: name, sampleRate: rate, frameCount: sound.count)
      try writer.append(sound, cancellation: cancellation)
      try writer.finish()
    } catch {
      if StandardStreams.readerIsGone(descriptor) { throw CommandFailure(.brokenPipe, "") }
      throw error
    }
  }
}
