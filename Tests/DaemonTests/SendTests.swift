import ControlProtocol
import Foundation
import Testing
import UniMoEAudio

@testable import unimoe_audiod

/// The daemon's client on the command line, against a daemon that makes sound and drops it.
@Suite(.serialized) struct SendTests {
  /// What a run of the client left behind.
  private struct Run {
    var status: Int32
    var output: String
    var errors: String
    /// The messages that `--json` printed.
    var messages: [ServerMessage] {
      output.split(separator: "\n").compactMap { try? ServerMessage(message: Array($0.utf8)) }
    }
    /// The events among them.
    var events: [RequestEvent] {
      messages.compactMap { if case .event(let event) = $0 { event } else { nil } }
    }
  }

  private func start(_ socket: String, _ arguments: [String]) throws -> (Process, output: Pipe, errors: Pipe) {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = DaemonProcess.programs.appendingPathComponent("unimoe-audio")
    process.arguments = ["send"] + arguments + ["--socket", socket]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return (process, output, errors)
  }

  private func run(_ socket: String, _ arguments: String...) throws -> Run { try run(socket, arguments) }

  private func run(_ socket: String, _ arguments: [String]) throws -> Run {
    let (process, output, errors) = try start(socket, arguments)
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Run(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }

  /// Sentences of which two do not fit into one piece, and one that is too long for a piece.
  private static let long =
    (1...4).map { "This is sentence number \($0), and it has as many words as it takes to fill a whole piece of it." }
    .joined(separator: " ") + "\n\n" + String(repeating: "on and on, ", count: 30) + "to the end."

  /// Seconds of what `speak` makes of the long text.
  private func lengthSpoken(longest: Double?) throws -> Double {
    let engine = try Engine(modelDirectory: DaemonProcess.randomModel)
    let voices = VoiceStore(modelDirectory: engine.model.directory, directory: "/nonexistent")
    let voice = try voices.load(
      voices.defaultName(), codebooks: engine.codec.codebooks, codebookSize: engine.codec.codebookSize)
    var request = Request(.speech(text: Self.long, voice: voice), maximumSeconds: longest)
    request.reading = .english
    var joiner = try SilenceJoiner(sampleRate: engine.sampleRate, longest: longest)
    var samples = 0
    for piece in try engine.pieces(of: request) where !joiner.isFull {
      samples += joiner.append(try engine.generate([piece.request])[0].samples, endingWith: piece.pause).count
    }
    return Double(samples) / Double(engine.sampleRate)
  }

  @Test(arguments: [nil, 1.2]) func aLongTextIsOneRequestAndAsLongAsSpeakMakesIt(longest: Double?) throws {
    let daemon = try DaemonProcess()
    _ = try daemon.connect()
    let limit = longest.map { ["--max-seconds", "\($0)"] } ?? []
    let run = try run(daemon.socket, ["speak", Self.long, "--json"] + limit)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.messages.count { if case .reply(_, .speak) = $0 { true } else { false } } == 1)
    let end = try #require(run.events.last { $0.kind.isTerminal })
    #expect(abs((end.playedSeconds ?? 0) - (try lengthSpoken(longest: longest))) < 0.001)
    if let longest { #expect(end.kind == .length && abs((end.playedSeconds ?? 0) - longest) < 0.001) }
  }

  @Test func aTextLongerThanTheDaemonTakesIsRefused() throws {
    let daemon = try DaemonProcess(settings: "[control]\ntext-bytes = 100\n")
    _ = try daemon.connect()
    let run = try run(daemon.socket, ["speak", Self.long])
    #expect(run.status == 64 && run.errors.contains("text: expected at most 100 bytes, found \(Self.long.utf8.count)"))
  }

  @Test func theLimitsOfTheDaemonsModelAreSaid() throws {
    let model = FileManager.default.temporaryDirectory.appendingPathComponent("limited-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: model) }
    for name in try FileManager.default.contentsOfDirectory(atPath: DaemonProcess.randomModel) {
      try FileManager.default.createSymbolicLink(
        atPath: model.path + "/" + name, withDestinationPath: DaemonProcess.randomModel + "/" + name)
    }
    try Data(
      "{\"unimoe_audio\": {\"speech\": {\"max_text_characters\": 60}, \"music\": {\"max_music_seconds\": 0.1}}}".utf8
    )
    .write(to: model.appendingPathComponent("generation_config.json"))
    let daemon = try DaemonProcess(environment: ["UNIMOE_AUDIO_MODEL": model.path])
    #expect(try daemon.connect().status().longestText == 60)
    #expect(try daemon.connect().status().longestMusic == 0.1)
    let warning = "0.20 s of music: this model keeps at most 0.10 s in shape"
    #expect(try self.run(daemon.socket, "compose", "Slow strings.", "--seconds", "0.2").errors.contains(warning))
    #expect(try !self.run(daemon.socket, "compose", "Slow strings.", "--seconds", "0.1").errors.contains("in shape"))
  }

  @Test func interruptedClientCancelsItsRequest() throws {
    let daemon = try DaemonProcess()
    let observer = try daemon.connect()
    let (process, _, errors) = try start(
      daemon.socket, ["speak", Self.long, "--min-seconds", "3", "--max-seconds", "3"])
    try daemon.wait(for: "generation") { (try? observer.status().requests.first?.state) == .playing }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let complaints = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(complaints.contains("cancelled"))
    try daemon.wait(for: "its end") { (try? observer.status().requests.isEmpty) == true }
    #expect(try observer.status().ended.keys.sorted() == ["cancelled"])
  }

  @Test func detachedTextIsPlayedWithoutTheClient() throws {
    let daemon = try DaemonProcess()
    let observer = try daemon.connect()
    let run = try run(daemon.socket, "speak", Self.long, "--max-seconds", "0.5", "--detach")
    #expect(run.status == 0 && run.output == "1\n")
    try daemon.wait(for: "the end") { (try? observer.status().ended) == ["length": 1] }
  }

  @Test func statusCountsInWords() throws {
    let daemon = try DaemonProcess()
    let observer = try daemon.connect()
    #expect(try run(daemon.socket, "status").output.contains("s, 2 clients\n"))
    withExtendedLifetime(observer) {}
    let alone = try DaemonProcess()
    _ = try alone.connect()
    try alone.wait(for: "a lone client") {
      (try? run(alone.socket, "status").output.contains("s, 1 client\n")) == true
    }
    #expect(try run(alone.socket, "status").output.contains("0 xruns, 0 ours; 0 underruns\n"))
  }

  @Test func clientWaitsForADaemonThatIsJustStarting() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("send-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let socket = folder.appendingPathComponent("control").path
    let (process, _, _) = try start(socket, ["speak", "Good morning.", "--max-seconds", "0.2"])
    usleep(200_000)
    let daemon = try DaemonProcess(environment: ["UNIMOE_AUDIOD_CONTROL_SOCKET": socket])
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(daemon.errors)")
    let start = Date()
    let nobody = try run("/nonexistent/socket", "status")
    #expect(nobody.status == 69)
    #expect((0.9..<5).contains(Date().timeIntervalSince(start)))
  }
}
