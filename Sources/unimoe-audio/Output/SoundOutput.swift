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

  /// What is to be written.
  struct Sound {
    /// Mono samples at the model's rate.
    var samples: [Float]
    var sampleRate: Int
    /// The codes of every piece.
    var codes: [Codes]
    /// What stood in the plan channels of every piece; `nil` of a model without a plan.
    var plans: [GivenPlan]?
    /// What the picture is headed with.
    var title: String
  }

  /// What was written.
  struct Written {
    /// The sound's file as it is called.
    var name: String
    var sampleRate: Int
    var samples: Int
    /// Why codes or picture could not be written; the sound was.
    var failure: (any Error)?
    /// Duration of the sound.
    var seconds: Double { Double(samples) / Double(sampleRate) }
  }

  /// Makes sure that no file, nor another one that is written beside it, is written over another or over one that is
  /// read.
  func checkDistinct(and other: OutputFile? = nil, from inputs: InputFiles) throws {
    try OutputFile.checkDistinct([file, codes, spectrogram, other].compactMap { $0 }, inputs: inputs)
  }

  /// Whether standard output carries sound or codes, so that nothing else may go there.
  var takesStandardOutput: Bool { file.isStandardOutput || codes?.isStandardOutput == true }

  /// Writes sound, codes and picture into files, each whether or not another could be written; throws if the sound could
  /// not.
  func write(_ sound: Sound, cancellation: Cancellation) throws -> Written {
    try complete(Result { try writeSamples(sound, cancellation) }, sound, cancellation)
  }

  /// Writes codes and picture of a sound that was written, or could not be; throws what went wrong with the sound.
  func complete(_ written: Result<Written, any Error>, _ sound: Sound, _ cancellation: Cancellation) throws -> Written {
    guard !sound.samples.isEmpty else {
      throw CommandFailure(.software, "the model ended before any sound: try another --seed, or --min-seconds")
    }
    if cancellation.isCancelled { _ = try written.get() }
    let others = [Result { try writeCodes(sound, cancellation) }, Result { try writePicture(sound, cancellation) }]
    var result = try written.get()
    for case .failure(let error) in others where result.failure == nil {
      result.failure = cancellation.isCancelled ? Self.interrupted(result.name) : error
    }
    return result
  }

  private static func interrupted(_ name: String) -> CommandFailure {
    CommandFailure(.interrupted, "interrupted when \(name) was written, but not all of the rest")
  }

  /// Writes the samples into a file, resampled if another rate is wanted.
  private func writeSamples(_ sound: Sound, _ cancellation: Cancellation) throws -> Written {
    guard !sound.samples.isEmpty else { return Written(name: file.name, sampleRate: sound.sampleRate, samples: 0) }
    let target = rate ?? sound.sampleRate
    let samples =
      target == sound.sampleRate
      ? sound.samples
      : try Resampler.resample(sound.samples, from: sound.sampleRate, to: target, cancellation: cancellation)
    let clip = AudioClip(samples: samples, sampleRate: target)
    var name = file.name
    if let names = file.defaultNames {
      name = try AudioFileWriter.write(
        clip, underFirstFree: names, in: ".", name: file.path, cancellation: cancellation)
    } else {
      try AudioFileWriter.write(clip, to: file.path, cancellation: cancellation)
    }
    return Written(name: name, sampleRate: target, samples: samples.count)
  }

  /// What is written of the codes of a model with a plan.
  private struct PlannedCodes: Encodable {
    struct Piece: Encodable {
      /// A code per code frame and codebook.
      let codes: [[Int32]]
      /// A code per channel and code frame, -1 where nobody said.
      let plan: [String: [Int32]]
    }

    let version = 2
    let pieces: [Piece]

    private enum CodingKeys: CodingKey { case version, pieces }
  }

  /// Writes the codes of every piece, if wanted: a JSON array of pieces, of code frames, of codes; with a plan an object
  /// of the pieces' codes and plans.
  private func writeCodes(_ sound: Sound, _ cancellation: Cancellation) throws {
    guard let codes else { return }
    let frames = sound.codes.map { piece in (0..<piece.frameCount).map { Array(piece[$0]) } }
    let planned = sound.plans.map { plans in
      PlannedCodes(pieces: zip(frames, plans).map { PlannedCodes.Piece(codes: $0, plan: $1.codes) })
    }
    let text = try planned.map(JSONLine.text) ?? JSONLine.text(frames)
    try codes.write(Array((text + "\n").utf8), cancellation: cancellation)
  }

  private func writePicture(_ sound: Sound, _ cancellation: Cancellation) throws {
    guard let spectrogram else { return }
    try SpectrogramPicture.write(
      sound.samples, sampleRate: sound.sampleRate, title: sound.title, to: spectrogram.path, cancellation: cancellation)
  }
}
