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

  private func run(_ socket: String, _ arguments: String...) throws -> Run {
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

  @Test func longTextIsSplitAsSpeakDoes() throws {
    let daemon = try DaemonProcess()
    _ = try daemon.connect()
    let pieces = SentenceSplitter(preferredLength: 160).split(Self.long)
    #expect(pieces.count >= 5)
    let run = try run(daemon.socket, "speak", Self.long, "--max-seconds", "0.2", "--json")
    #expect(run.status == 0, "\(run.errors)")
    let requests = run.messages.compactMap { if case .reply(_, .speak(let request)) = $0 { request } else { nil } }
    #expect(requests.count == pieces.count)
    #expect(run.events.filter { $0.kind == .started }.map(\.request) == requests)
    #expect(run.events.filter(\.kind.isTerminal).map(\.request) == requests)
    let whole = try self.run(daemon.socket, "speak", Self.long, "--min-seconds", "0.2", "--max-seconds", "0.2")
    #expect(whole.errors.contains("requests \(requests.count + 1) to \(2 * requests.count): "))
    #expect(whole.errors.contains(", 1.20 s played, 0 underruns\n"))
  }

  @Test func theLimitsOfTheDaemonsModelAreKeptAndSaid() throws {
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
    let run = try run(daemon.socket, "speak", Self.long, "--max-seconds", "0.1", "--json")
    let requests = run.messages.count { if case .reply(_, .speak) = $0 { true } else { false } }
    #expect(requests == SentenceSplitter(longest: 60).split(Self.long).count)
    #expect(try daemon.connect().status().longestMusic == 0.1)
    let warning = "0.20 s of music: this model keeps at most 0.10 s in shape"
    #expect(try self.run(daemon.socket, "compose", "Slow strings.", "--seconds", "0.2").errors.contains(warning))
    #expect(try !self.run(daemon.socket, "compose", "Slow strings.", "--seconds", "0.1").errors.contains("in shape"))
  }

  @Test func longerTextThanTheQueueIsSentAsThereIsRoom() throws {
    let daemon = try DaemonProcess(settings: "[queue]\nlength = 1\nprepared = 1\n")
    _ = try daemon.connect()
    let run = try run(daemon.socket, "speak", Self.long, "--max-seconds", "0.1", "--json")
    #expect(run.status == 0, "\(run.errors)")
    let isWhole = { (event: RequestEvent) in [.length, .completed].contains(event.kind) }
    #expect(run.events.count(where: isWhole) == SentenceSplitter(preferredLength: 160).split(Self.long).count)
    // Without this program to wait, it does not fit; what was taken is given back.
    let detached = try self.run(daemon.socket, "speak", Self.long, "--detach")
    #expect(detached.status == 69 && detached.output.isEmpty)
    #expect(detached.errors.contains("1 request waits already"))
    #expect(detached.errors.contains("pieces were taken (request"))
    let client = try daemon.connect()
    try daemon.wait(for: "the end of what was taken") { (try? client.status().requests.isEmpty) == true }
  }

  @Test func mixedPiecesFollowEachOther() throws {
    let daemon = try DaemonProcess()
    _ = try daemon.connect()
    let run = try run(daemon.socket, "speak", Self.long, "--max-seconds", "0.1", "--mix", "--json")
    #expect(run.status == 0, "\(run.errors)")
    var sounding = 0
    for event in run.events {
      if event.kind == .started { sounding += 1 }
      if event.kind.isTerminal { sounding -= 1 }
      #expect(sounding <= 1)
    }
    let detached = try self.run(daemon.socket, "speak", Self.long, "--mix", "--detach")
    #expect(detached.status == 64 && detached.errors.contains("--mix"))
  }

  @Test func interruptedClientCancelsAllPieces() throws {
    let daemon = try DaemonProcess()
    let observer = try daemon.connect()
    let (process, _, errors) = try start(
      daemon.socket, ["speak", Self.long, "--min-seconds", "3", "--max-seconds", "3"])
    try daemon.wait(for: "the pieces") { (try? observer.status().requests.count { $0.state == .queued }) ?? 0 > 1 }
    try daemon.wait(for: "generation") { (try? observer.status().requests.first?.state) != .queued }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let complaints = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(complaints.contains("cancelled"))
    try daemon.wait(for: "the end of all pieces") { (try? observer.status().requests.isEmpty) == true }
    #expect(try observer.status().ended.keys.sorted() == ["cancelled"])
  }

  @Test func detachedPiecesArePlayedWithoutTheClient() throws {
    let daemon = try DaemonProcess()
    let observer = try daemon.connect()
    let run = try run(daemon.socket, "speak", Self.long, "--max-seconds", "0.1", "--detach")
    #expect(run.status == 0)
    let requests = run.output.split(separator: "\n").compactMap { Int($0) }
    #expect(requests == Array(1...SentenceSplitter(preferredLength: 160).split(Self.long).count))
    try daemon.wait(for: "the end") {
      (try? observer.status().ended.filter { ["length", "completed"].contains($0.key) }.values.reduce(0, +))
        == requests.count
    }
  }

  @Test func detachedTextThatDoesNotFitIsGivenBackWhole() throws {
    let daemon = try DaemonProcess()
    let observer = try daemon.connect()
    try daemon.waitForLog("ready")
    let file = daemon.folder.appendingPathComponent("lines")
    let lines = (1...400).map { "This is line number \($0), which is said by itself.\n\n" }
    try Data(lines.joined().utf8).write(to: file)
    let run = try run(daemon.socket, "speak", "--file", file.path, "--detach", "--max-seconds", "5")
    #expect(run.status == 69 && run.output.isEmpty)
    let words = run.errors.split(separator: " ")
    let taken = words.firstIndex(of: "of").flatMap { Int(words[$0 - 1]) } ?? 0
    #expect(taken >= 64 && taken < 400, "\(run.errors)")
    #expect(run.errors.contains("\(taken) of 400 pieces were taken (requests 1 to \(taken)) and are cancelled again"))
    try daemon.wait(for: "the end of what was taken") { (try? observer.status().requests.isEmpty) == true }
    #expect(try observer.status().ended == ["cancelled": taken])
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
