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
      The recording is WAV, FLAC or OGG, at any rate, mono or stereo, and lasts
      \(Voice.recordingSeconds.lowerBound) to \(Voice.recordingSeconds.upperBound) seconds; a model may follow \
      shorter ones only, the
      default model those of 1 to 6 seconds. Silence before and after the words is
      left out. The transcript is what is said in it, word for word. A voice that
      is called \(VoiceStore.defaultName) speaks where none is named.

      EXAMPLES
        unimoe-audio voice add anna -a anna.wav -t "What Anna says in it."
        ffmpeg -i anna.mp4 -f wav - | unimoe-audio voice add anna -a - -t "Hello."
      """)

  @Argument(help: "The voice's name: letters, digits, -, _ and .")
  var name: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The recording; - reads standard input.", valueName: "file"),
    completion: .file(extensions: ["wav", "flac", "ogg"]))
  var audio: String

  @Option(
    name: .shortAndLong, parsing: .unconditional,
    help: ArgumentHelp("What is said in the recording.", valueName: "text"))
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
    let voices = Voices(modelDirectory: directory)
    try voices.checkFree(name, replacing: force)
    let recording = try Recording(path: audio)
    let interruption = Interruption.watch()
    let (voice, clip) = try interruption.guarding { cancellation in
      let clip = try recording.clip(cancellation: cancellation)
      let codec = try Codec(directory: directory + "/codec", cancellation: cancellation)
      let voice = try Voice(
        name: name, recording: clip, source: recording.name, transcript: String(transcript), codec: codec,
        cancellation: cancellation)
      return (voice, clip)
    }
    let model = try ModelSummary(directory: directory)
    try voices.add(voice, replacing: force)
    remark(clip, recording.name)
    VoiceFacts.warn(voice, model)
    try report(try voices.entry(name), model: model)
  }

  /// Says what was left out, and what the voice is from now on.
  private func remark(_ clip: AudioClip, _ source: String) {
    let leftOut = SpeechRange(of: clip.mono(), sampleRate: clip.sampleRate).leftOut
    let parts = [(leftOut.before, "before"), (leftOut.after, "after")].compactMap { seconds, place in
      seconds > 0 ? "\(Figure.seconds(seconds)) \(place)" : nil
    }
    if !parts.isEmpty {
      StandardStreams.complain(
        "unimoe-audio: \(source): silence was left out: \(parts.joined(separator: " and ")) the words\n")
    }
    if name == VoiceStore.defaultName {
      StandardStreams.complain(
        "unimoe-audio: voice \(name): speaks from now on where no voice is named; "
          + "'unimoe-audio voice remove \(name)' brings the model's own back\n")
    }
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
