import ArgumentParser
import Glibc
import Posix
import UniMoEAudio

/// Stores a voice.
struct VoiceAddCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Store a voice from a recording.",
    discussion: """
      The recording is WAV, FLAC or OGG, at any rate, mono or stereo, \(Voice.recordingSeconds.lowerBound) to \
      \(Voice.recordingSeconds.upperBound) seconds long; a model may follow shorter ones only, the default model
      those of 1 to 6 seconds. The transcript is what is said in it, word for word.

      EXAMPLES
        unimoe-audio voice add anna --audio anna.wav --transcript "What Anna says in it."
      """)

  @Argument(help: "The voice's name: letters, digits, -, _ and .")
  var name: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The recording.", valueName: "file"),
    completion: .file(extensions: ["wav", "flac", "ogg"]))
  var audio: String

  @Option(name: .shortAndLong, help: ArgumentHelp("What is said in the recording.", valueName: "text"))
  var transcript: String

  @Flag(help: "Replace a voice of this name.")
  var force = false

  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    let transcript = transcript.drop(while: \.isWhitespace)
    guard !transcript.isEmpty else {
      throw CommandFailure(.badData, "--transcript: expected what is said in the recording, found nothing")
    }
    let directory = try common.locateModel()
    let voices = try Voices(modelDirectory: directory)
    try voices.checkFree(name, replacing: force)
    guard access(audio, R_OK) == 0 else {
      throw CommandFailure(.noInput, "\(audio): cannot read: \(SystemError.last)")
    }
    let interruption = Interruption.watch()
    let voice = try interruption.guarding { cancellation in
      let codec = try Codec(directory: directory + "/codec", cancellation: cancellation)
      return try record(String(transcript), with: codec, cancellation: cancellation)
    }
    try voices.add(voice, replacing: force)
    let model = try ModelSummary(directory: directory)
    VoiceFacts.warn(voice, model)
    try report(try voices.entry(name), model: model)
  }

  private func record(_ transcript: String, with codec: Codec, cancellation: Cancellation) throws -> Voice {
    // Beyond the longest voice by a little, so that the error is the one that says both ends.
    let limits = AudioFile.Limits(seconds: Voice.recordingSeconds.upperBound + 60)
    let clip = try AudioFile.read(audio, limits: limits, cancellation: cancellation)
    return try Voice(
      name: name, recording: clip, source: audio, transcript: transcript, codec: codec, cancellation: cancellation)
  }

  private func report(_ entry: VoiceStore.Entry, model: ModelSummary) throws {
    let facts = VoiceFacts(entry, model: model)
    if common.json {
      try JSONLine.print(facts)
    } else if !common.quiet {
      let style = TextStyle(isTerminal: StandardStreams.outputIsTerminal)
      try StandardStreams.write(facts.table(style: style))
    }
  }
}
