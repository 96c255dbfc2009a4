import Foundation
import Testing

@testable import unimoe_audio

/// What is written reaches where it should, whatever that is and whoever else writes there.
@Suite struct OutputTests {
  private static let short = ["--min-seconds", "0.2", "--max-seconds", "0.2"]
  /// Bytes of a WAV header, and of a file with the 10 code frames of 0.2 seconds.
  private static let header = 44
  private static let whole = header + 2 * samples(10)

  /// Samples that the miniature codec makes of so many code frames: its odd rates lose eight.
  private static func samples(_ codeFrames: Int) -> Int { codeFrames * 320 - 8 }

  private func run(
    _ arguments: [String], in folder: URL, input: [UInt8] = [], shell: String? = nil
  ) throws -> Program.Run {
    let model = folder.appendingPathComponent("model").path
    if !FileManager.default.fileExists(atPath: model) { _ = try TestModel.make(in: folder) }
    return try Program.run(
      arguments, input: input, environment: ["UNIMOE_AUDIO_MODEL": model, "XDG_DATA_HOME": folder.path], in: folder,
      shell: shell)
  }

  private func size(_ name: String, in folder: URL) throws -> Int {
    try Data(contentsOf: folder.appendingPathComponent(name)).count
  }

  @Test func runsAtOnceWithoutANameKeepAFileEach() throws {
    try TemporaryFolder.with { folder in
      let script = "for seed in 1 2 3 4 5 6; do \"$@\" --seed $seed & done; wait"
      let run = try run(["compose", "Strings.", "--json"] + Self.short, in: folder, shell: script)
      #expect(run.errors == "")
      struct Report: Decodable { let output: String }
      let names = try run.text.split(separator: "\n").map {
        try JSONDecoder().decode(Report.self, from: Data($0.utf8)).output
      }
      #expect(Set(names) == Set(["music.wav"] + (2...6).map { "music-\($0).wav" }))
      let sounds = try Set(names.map { try Data(contentsOf: folder.appendingPathComponent($0)) })
      #expect(sounds.count == 6 && sounds.allSatisfy { $0.count == Self.whole })
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 7)
    }
  }

  @Test func aPictureThatCannotBeWrittenLosesNeitherSoundNorCodes() throws {
    try TemporaryFolder.with { folder in
      let run = try run(
        ["compose", "Strings.", "-o", "a.wav", "--spectrogram", "a.png", "--codes", "a.json"] + Self.short, in: folder,
        shell: "ulimit -f 20; exec \"$@\"")
      #expect(run.errors == "unimoe-audio: a.png: cannot be written: File too large\n")
      #expect(run.status == unimoe_audio.ExitStatus.inputOutput.rawValue)
      #expect(run.text.hasPrefix("a.wav  0.20 s of music"))
      #expect(try size("a.wav", in: folder) == Self.whole)
      let codes = try JSONDecoder().decode(
        [[[Int]]].self, from: Data(contentsOf: folder.appendingPathComponent("a.json")))
      #expect(codes.map(\.count) == [10])
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a.json", "a.wav", "model"])
    }
  }

  @Test(arguments: ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"], [" > a.wav", " | cat > a.wav", " >> a.wav"])
  func standardOutputUnderAnyOfItsNamesGetsTheSoundAlone(name: String, redirection: String) throws {
    try TemporaryFolder.with { folder in
      let run = try run(["compose", "Strings.", "-o", name] + Self.short, in: folder, shell: "\"$@\"" + redirection)
      #expect(run.errors == "" && run.status == 0)
      #expect(try size("a.wav", in: folder) == Self.whole)
    }
  }

  /// The length in the header is not known when the first sample goes out; a file's is put in afterwards.
  @Test(arguments: [" | cat > a.wav", " > a.wav"])
  func aPipeGetsTheSoundWhileItIsMade(redirection: String) throws {
    try TemporaryFolder.with { folder in
      _ = try run(["compose", "Strings.", "-o", "-"] + Self.short, in: folder, shell: "\"$@\"" + redirection)
      let header = try Data(contentsOf: folder.appendingPathComponent("a.wav")).prefix(44)
      let length = UInt32(Self.whole - Self.header)
      let expected = redirection.hasPrefix(" |") ? UInt32.max : length
      #expect(Array(header[40..<44]) == (0..<4).map { UInt8(truncatingIfNeeded: expected >> (8 * $0)) })
      let file = try run(["compose", "Strings.", "-o", "b.wav"] + Self.short, in: folder)
      #expect(file.status == 0)
      let sounds = try ["a.wav", "b.wav"].map { try Data(contentsOf: folder.appendingPathComponent($0)).dropFirst(44) }
      #expect(Array(sounds[0]) == Array(sounds[1]))
    }
  }

  @Test func aStreamThatIsInterruptedSaysThatOnlyAPartWasWritten() throws {
    try TemporaryFolder.with { folder in
      let run = try run(
        ["compose", "Strings.", "--seconds", "60", "-o", "-"], in: folder,
        shell: "mkfifo pipe; (head -c 2000 > begin; kill -INT $$; cat > rest) < pipe & exec \"$@\" > pipe")
      #expect(run.errors == "unimoe-audio: interrupted; only a part was written\n")
      #expect(run.status == unimoe_audio.ExitStatus.interrupted.rawValue)
    }
  }

  /// A stand-in for the player of the machine.
  private func player(_ script: String, in folder: URL) throws {
    let file = folder.appendingPathComponent("aplay")
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
  }

  @Test func aPlayerGetsTheSoundThatAFileWouldHave() throws {
    try TemporaryFolder.with { folder in
      try player("echo \"$@\" > words; exec cat > played.wav", in: folder)
      let shell = "PATH=\"$PWD:$PATH\"; \"$@\""
      let played = try run(["compose", "Strings.", "--play"] + Self.short, in: folder, shell: shell)
      #expect(played.status == 0 && played.errors == "" && played.text.hasPrefix("aplay  0.20 s of music"))
      let file = try run(["compose", "Strings.", "-o", "b.wav"] + Self.short, in: folder)
      #expect(file.status == 0)
      let sounds = try ["played.wav", "b.wav"].map {
        try Data(contentsOf: folder.appendingPathComponent($0)).dropFirst(44)
      }
      #expect(Array(sounds[0]) == Array(sounds[1]))
      #expect(try String(contentsOf: folder.appendingPathComponent("words"), encoding: .utf8) == "-q -\n")
    }
  }

  @Test func aPlayerThatCannotPlayIsTold() throws {
    try TemporaryFolder.with { folder in
      try player("exit 3", in: folder)
      let shell = "PATH=\"$PWD:$PATH\"; \"$@\""
      let failed = try run(["compose", "Strings.", "--play", "--seconds", "5"], in: folder, shell: shell)
      #expect(failed.errors == "unimoe-audio: aplay: cannot play: it ended with status 3\n")
      #expect(failed.status == unimoe_audio.ExitStatus.unavailable.rawValue)
      let none = try run(["compose", "Strings.", "--play"], in: folder, shell: "exec env PATH=/nonexistent \"$@\"")
      #expect(
        none.errors == "unimoe-audio: --play: expected one of aplay, play, ffplay, found none: install alsa-utils\n")
      let both = try run(["compose", "Strings.", "--play", "-o", "a.wav"], in: folder)
      #expect(both.errors.hasPrefix("unimoe-audio: --play: expected no --output beside it, found a.wav\n"))
    }
  }

  @Test func anotherDescriptorGetsTheSoundToo() throws {
    try TemporaryFolder.with { folder in
      let run = try run(
        ["compose", "Strings.", "-o", "/dev/fd/7"] + Self.short, in: folder, shell: "exec \"$@\" 7> a.wav")
      #expect(run.errors == "" && run.text.hasPrefix("/dev/fd/7  0.20 s"))
      #expect(try size("a.wav", in: folder) == Self.whole)
    }
  }

  @Test func aPipeWithANameWaitsForItsReader() throws {
    try TemporaryFolder.with { folder in
      let run = try run(
        ["compose", "Strings.", "-o", "pipe"] + Self.short, in: folder,
        shell: "mkfifo pipe; (sleep 1; cat pipe > a.wav) & \"$@\"; code=$?; wait; exit $code")
      #expect(run.errors == "" && run.status == 0)
      #expect(try size("a.wav", in: folder) == Self.whole)
    }
  }

  @Test func waitingForTheReaderOfAPipeEndsWithASignal() throws {
    try TemporaryFolder.with { folder in
      let run = try run(
        ["compose", "Strings.", "-o", "pipe"] + Self.short, in: folder,
        shell: "mkfifo pipe; timeout --foreground --preserve-status -s TERM 2 \"$@\"")
      #expect(run.errors == "unimoe-audio: terminated; nothing was written\n")
      #expect(run.status == unimoe_audio.ExitStatus.terminated.rawValue)
    }
  }

  /// A pipe that somebody else made non-blocking, read slowly: ssh and terminals' parents do that.
  @Test func aFullPipeThatDoesNotBlockIsWaitedFor() throws {
    let pipe = Pipe()
    let end = pipe.fileHandleForWriting.fileDescriptor
    #expect(fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) == 0)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Program.path)
    let tokenizer = Program.sourceTree.appendingPathComponent("Tests/Reference/tiny-model").path
    let text = Array(repeating: "word", count: 20_000).joined(separator: " ")
    process.arguments = ["tokens", "--json", "--tokenizer", tokenizer, text]
    process.standardOutput = pipe
    try process.run()
    try pipe.fileHandleForWriting.close()
    var output = Data()
    while let part = try pipe.fileHandleForReading.read(upToCount: 1 << 14), !part.isEmpty {
      output += part
      usleep(5_000)
    }
    process.waitUntilExit()
    struct Tokens: Decodable { let ids: [Int] }
    #expect(process.terminationStatus == 0 && output.count > 1 << 17 - 1)
    #expect(try JSONDecoder().decode(Tokens.self, from: output).ids.count >= 20_000)
  }

  @Test(arguments: ["HUP", "INT", "TERM"])
  func signalsThatWhoeverStartedTheProgramIgnoresDoNotEndIt(name: String) throws {
    try TemporaryFolder.with { folder in
      let run = try run(
        ["compose", "Strings.", "--seconds", "3", "-o", "a.wav", "-q"], in: folder,
        shell:
          "trap '' \(name); \"$@\" & for i in 1 2 3 4 5 6 7 8; do kill -\(name) $! 2> kill; sleep 0.1; done; wait $!")
      #expect(run.errors == "" && run.status == 0)
      #expect(try size("a.wav", in: folder) == Self.header + 2 * Self.samples(150))
    }
  }

  @Test func readOnlyFileAndFolderAreRefusedBeforeAnythingIsMade() throws {
    // Root may write anywhere; the mode is no obstacle then.
    try #require(geteuid() != 0 || FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv"))
    try TemporaryFolder.with { folder in
      let drop = geteuid() == 0 ? "chmod -R a+rX .; exec setpriv --reuid 65534 --clear-groups " : "exec "
      let run = try run(
        ["compose", "Strings.", "-o", "a.wav"] + Self.short, in: folder,
        shell: "chmod a+rwx .; : > a.wav; chmod 444 a.wav; \(drop)\"$@\"")
      #expect(run.errors == "unimoe-audio: a.wav: cannot be written to: Permission denied\n")
      #expect(try size("a.wav", in: folder) == 0)
    }
  }
}
