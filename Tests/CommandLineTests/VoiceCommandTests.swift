import Foundation
import Testing

@testable import unimoe_audio

@Suite struct VoiceCommandTests {
  private static let recording = Program.sourceTree.appendingPathComponent("Tests/Reference/prompt.wav").path

  private struct Voice: Decodable {
    let name: String
    let owner: String
    let path: String
    let code_frames: Int
    let codebooks: Int
    let transcript: String
  }

  @Test func voiceIsAddedShownListedAndRemoved() throws {
    try TemporaryFolder.with { folder in
      let model = try TestModel.make(in: folder)
      let environment = ["UNIMOE_AUDIO_MODEL": model, "XDG_DATA_HOME": folder.path]
      func run(_ arguments: String...) throws -> Program.Run {
        try Program.run(["voice"] + arguments, environment: environment, in: folder)
      }
      let added = try run("add", "anna", "--audio", Self.recording, "--transcript", " What Anna says.", "--json")
      #expect(added.errors == "")
      #expect(added.status == 0)
      let voice = try JSONDecoder().decode(Voice.self, from: Data(added.output))
      #expect(voice.name == "anna" && voice.owner == "user" && voice.transcript == "What Anna says.")
      // prompt.wav has 8700 frames at 24 kHz: 5800 at 16 kHz, hence 19 code frames of 320.
      #expect(voice.code_frames == 19 && voice.codebooks == 12)
      #expect(voice.path == folder.path + "/unimoe-audio/voices/anna.safetensors")
      #expect(FileManager.default.fileExists(atPath: voice.path))

      #expect(try run("list").text.hasPrefix("anna  user  0.38 s"))
      #expect(try run("show", "anna").text.contains("What Anna says."))
      let again = try run("add", "anna", "--audio", Self.recording, "--transcript", "Again.")
      #expect(
        again.errors
          == "unimoe-audio: anna: there already is a voice of this name: choose another name or use --force\n")
      #expect(again.status == ExitCodes.cannotCreate)
      #expect(try run("add", "anna", "--audio", Self.recording, "--transcript", "Again.", "--force").status == 0)
      #expect(try run("show", "anna").text.contains("Again."))
      #expect(try run("remove", "anna").status == 0)
      #expect(!FileManager.default.fileExists(atPath: voice.path))
    }
  }

  /// One thing gone wrong: arguments, exit code, the line on standard error.
  static let failures: [([String], Int32, String)] = [
    (["show", "bert"], ExitCodes.noInput, "bert: no voice of this name; there is none yet"),
    (["remove", "bert"], ExitCodes.noInput, "bert: no voice of this name; there is none yet"),
    (
      ["add", "a/b", "-a", recording, "-t", "Hello."], ExitCodes.usage,
      "voice name: expected 1 to 64 letters, digits, -, _ and ., no dot first, found \"a/b\""
    ),
    (
      ["add", "anna", "-a", recording, "-t", " "], ExitCodes.badData,
      "--transcript: expected what is said in the recording, found nothing"
    ),
    (
      ["add", "anna", "-a", "missing.wav", "-t", "Hello."], ExitCodes.noInput,
      "missing.wav: cannot read: No such file or directory"
    ),
    (
      ["add", "anna", "-a", "text.wav", "-t", "Hello."], ExitCodes.badData,
      "text.wav: expected a WAV, FLAC or OGG file, found a file that begins with bytes 48 65 6c 6c"
    ),
    (
      ["add", "anna", "-a", "short.wav", "-t", "Hello."], ExitCodes.badData,
      "short.wav: expected 0.2 to 30.0 seconds of speech, found 0.1 seconds"
    ),
    (
      ["add", "anna", "-a", "long.wav", "-t", "Hello."], ExitCodes.badData,
      "long.wav: expected 0.2 to 30.0 seconds of speech, found 31.0 seconds"
    ),
    (
      ["add", "anna", "-a", "silent.wav", "-t", "Hello."], ExitCodes.badData,
      "silent.wav: expected speech, found silence"
    ),
    (
      ["add", "anna", "-a", recording, "-t", String(repeating: "Far too many words. ", count: 20)], ExitCodes.badData,
      "anna: transcript: expected what is said in the 0.36 seconds of speech, at most 24 letters, found 300"
    ),
    (
      ["add", "anna", "-t", "Hello."], ExitCodes.usage,
      "Missing expected argument '--audio <file>' (see 'unimoe-audio voice --help')"
    ),
  ]

  @Test(arguments: failures)
  func failureIsOneLineAndStoresNothing(arguments: [String], status: Int32, line: String) throws {
    try TemporaryFolder.with { folder in
      let model = try TestModel.make(in: folder)
      try Data("Hello, this is text.".utf8).write(to: folder.appendingPathComponent("text.wav"))
      try Self.wave(seconds: 0.1, level: 9000).write(to: folder.appendingPathComponent("short.wav"))
      try Self.wave(seconds: 31, level: 9000).write(to: folder.appendingPathComponent("long.wav"))
      try Self.wave(seconds: 1, level: 0).write(to: folder.appendingPathComponent("silent.wav"))
      let run = try Program.run(
        ["voice"] + arguments, environment: ["UNIMOE_AUDIO_MODEL": model, "XDG_DATA_HOME": folder.path + "/data"],
        in: folder)
      #expect(run.errors == "unimoe-audio: \(line)\n")
      #expect(run.status == status)
      #expect(run.output.isEmpty)
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/data"))
    }
  }

  /// Whatever there is in the place of the user's folders, the voices of the model are there.
  @Test(arguments: [
    ["HOME": "/dev/null"], ["XDG_DATA_HOME": "/dev/null"], ["XDG_DATA_HOME": "/proc/nowhere"], ["HOME": ""],
    ["HOME": "relative"], ["XDG_DATA_HOME": "{file}"], ["HOME": "{file}"],
  ])
  func usersFoldersThatAreNoneStopNoSpeech(environment: [String: String]) throws {
    try TemporaryFolder.with { folder in
      let model = try TestModel.make(in: folder)
      try FileManager.default.createDirectory(atPath: model + "/voices", withIntermediateDirectories: true)
      try Self.voiceFile(codebooks: 12).write(to: URL(fileURLWithPath: model + "/voices/default.safetensors"))
      let file = folder.appendingPathComponent("file")
      try Data().write(to: file)
      var variables = environment.mapValues { $0.replacing("{file}", with: file.path) }
      variables["UNIMOE_AUDIO_MODEL"] = model
      let run = try Program.run(
        ["speak", "Hello.", "-o", "a.wav", "--min-seconds", "0.1", "--max-seconds", "0.1"], environment: variables,
        in: folder)
      #expect(run.errors == "" && run.status == 0)
      let list = try Program.run(["voice", "list"], environment: variables, in: folder)
      #expect(list.errors == "" && list.text.hasPrefix("default  model"))
    }
  }

  @Test func voiceCalledDefaultSpeaksFromNowOnAndItIsSaid() throws {
    try TemporaryFolder.with { folder in
      let model = try TestModel.make(in: folder)
      try FileManager.default.createDirectory(atPath: model + "/voices", withIntermediateDirectories: true)
      for name in ["aaron", "default"] {
        try Self.voiceFile(codebooks: 12).write(to: URL(fileURLWithPath: model + "/voices/\(name).safetensors"))
      }
      let environment = ["UNIMOE_AUDIO_MODEL": model, "XDG_DATA_HOME": folder.path]
      let added = try Program.run(
        ["voice", "add", "default", "-a", Self.recording, "-t", "What Anna says."], environment: environment, in: folder
      )
      #expect(
        added.errors == "unimoe-audio: voice default: speaks from now on where no voice is named; "
          + "'unimoe-audio voice remove default' brings the model's own back\n")
      struct Report: Decodable { let voice: String }
      let run = try Program.run(
        ["speak", "Hello.", "-o", "a.wav", "--max-seconds", "0.1", "--json"], environment: environment, in: folder)
      #expect(try JSONDecoder().decode(Report.self, from: Data(run.output)).voice == "default")
    }
  }

  /// A recording through a pipe, whose header does not know its length, with silence around the words.
  @Test(arguments: [
    ("standard input", "exec \"$@\" -a - < long.wav"), ("standard input", "cat long.wav | \"$@\" -a -"),
    ("/dev/stdin", "cat long.wav | \"$@\" -a /dev/stdin"), ("long.wav", "exec \"$@\" -a long.wav"),
    ("pipe", "mkfifo pipe; cat long.wav > pipe & \"$@\" -a pipe"),
  ])
  func recordingFromAPipeIsReadToTheEndAndItsSilenceLeftOut(name: String, shell: String) throws {
    try TemporaryFolder.with { folder in
      let model = try TestModel.make(in: folder)
      var bytes = Self.wave(seconds: 1, level: 0)
      bytes += Self.wave(seconds: 1, level: 9000).dropFirst(44)
      bytes += Self.wave(seconds: 2, level: 0).dropFirst(44)
      bytes.replaceSubrange(40..<44, with: [0, 0xf0, 0xff, 0x7f])
      try bytes.write(to: folder.appendingPathComponent("long.wav"))
      let run = try Program.run(
        ["voice", "add", "anna", "-t", "What Anna says.", "--json"],
        environment: ["UNIMOE_AUDIO_MODEL": model, "XDG_DATA_HOME": folder.path], in: folder,
        shell: shell)
      #expect(
        run.errors == "unimoe-audio: \(name): silence was left out: 0.90 s before and 1.90 s after the words\n")
      let voice = try JSONDecoder().decode(Voice.self, from: Data(run.output))
      // 1.2 s with the margins, 50 code frames each.
      #expect((59...61).contains(voice.code_frames))
    }
  }

  @Test func voiceOfAnotherModelIsRefused() throws {
    try TemporaryFolder.with { folder in
      let model = try TestModel.make(in: folder)
      let voices = folder.appendingPathComponent("unimoe-audio/voices")
      try FileManager.default.createDirectory(at: voices, withIntermediateDirectories: true)
      let path = voices.appendingPathComponent("eve.safetensors")
      try Self.voiceFile(codebooks: 3).write(to: path)
      let run = try Program.run(
        ["speak", "Hello.", "--voice", "eve"],
        environment: ["UNIMOE_AUDIO_MODEL": model, "XDG_DATA_HOME": folder.path], in: folder)
      #expect(
        run.errors == "unimoe-audio: \(path.path): codes: expected 12 codebooks, as the model has, found 3\n")
      #expect(run.status == ExitCodes.badData)
    }
  }

  /// A square wave of 16-bit samples at 8 kHz.
  private static func wave(seconds: Double, level: Int16) -> Data {
    let count = Int(seconds * 8000)
    var bytes = Data("RIFF".utf8)
    func put(_ value: Int, _ size: Int) { for shift in 0..<size { bytes.append(UInt8(value >> (8 * shift) & 255)) } }
    put(36 + 2 * count, 4)
    bytes += Data("WAVEfmt ".utf8)
    put(16, 4)
    for (value, size) in [(1, 2), (1, 2), (8000, 4), (16000, 4), (2, 2), (16, 2)] { put(value, size) }
    bytes += Data("data".utf8)
    put(2 * count, 4)
    for index in 0..<count { put(Int(index / 20 % 2 == 0 ? level : -level) & 0xFFFF, 2) }
    return bytes
  }

  /// A voice of two code frames.
  private static func voiceFile(codebooks: Int) -> Data {
    let size = 2 * codebooks * 4
    let header =
      "{\"__metadata__\":{\"format\":\"unimoe-audio-voice\",\"version\":\"1\",\"transcript\":\"Hello.\"},"
      + "\"codes\":{\"dtype\":\"I32\",\"shape\":[2,\(codebooks)],\"data_offsets\":[0,\(size)]}}"
    var bytes = Data()
    for shift in 0..<8 { bytes.append(UInt8(header.utf8.count >> (8 * shift) & 255)) }
    return bytes + Data(header.utf8) + Data(count: size)
  }
}

/// The exit codes as numbers; the testing library has an `ExitStatus` of its own.
private enum ExitCodes {
  static let usage = unimoe_audio.ExitStatus.usage.rawValue
  static let badData = unimoe_audio.ExitStatus.badData.rawValue
  static let noInput = unimoe_audio.ExitStatus.noInput.rawValue
  static let cannotCreate = unimoe_audio.ExitStatus.cannotCreate.rawValue
}
