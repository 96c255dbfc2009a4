import ControlProtocol
import Foundation
import TestSupport
import Testing
import UniMoEAudio

@testable import unimoe_audiod

/// What a client hears of the words of its text while they sound.
@Suite(.serialized) struct WordEventTests {
  private static let text = "Dr. Smith paid $5 at the station."

  /// A daemon with a model that has plan channels, which makes sound and drops it.
  private func with(_ body: (DaemonProcess, _ model: String) throws -> Void) throws {
    let folder = try ScratchFolder()
    let model = try PlanModel.make(in: folder.path)
    try body(try DaemonProcess(environment: ["UNIMOE_AUDIO_MODEL": model]), model)
  }

  private func words(_ client: ControlClient, _ speak: ControlCommand.Speak) throws -> [RequestEvent] {
    guard case .speak(let request) = try client.call(.speak(speak)) else { return [] }
    var words: [RequestEvent] = []
    let end = try client.event(of: request) { event in
      if [.word, .wordEnd].contains(event.kind) { words.append(event) }
      return event.kind.isTerminal
    }
    #expect(end.kind == .completed)
    // The last word may end with the sound, whose samples are counted after resampling.
    #expect(words.allSatisfy { ($0.seconds ?? .infinity) <= (end.seconds ?? 0) + 0.001 })
    return words
  }

  /// The marks of the same text, made without a daemon.
  private func marks(_ model: String, speed: Double? = nil) throws -> [Mark] {
    let engine = try Engine(modelDirectory: model)
    let voice = try VoiceStore(modelDirectory: model).load(
      "default", codebooks: engine.codec.codebooks, codebookSize: engine.codec.codebookSize)
    let content = Request.Content.speech(text: Self.text, voice: voice)
    var request = Request(content, seed: 0, sampling: engine.defaultSampling(for: content))
    request.reading = .english
    if let speed {
      var walk = engine.model.walk
      walk.speed = speed
      request.walk = walk
    }
    return try engine.generate([request])[0].marks
  }

  @Test func wordsAreToldInOrderWithTheTimesOfTheirMarks() throws {
    try with { (daemon, model) throws in
      let words = try words(daemon.connect(), .init(text: Self.text, tellsWords: true))
      let marks = try marks(model)
      #expect(words.map(\.kind) == marks.map { $0.kind == .wordStart ? .word : .wordEnd })
      #expect(words.map(\.word) == marks.map(\.word))
      #expect(words.map(\.textStart) == marks.map(\.textRange.lowerBound))
      #expect(words.map(\.textEnd) == marks.map(\.textRange.upperBound))
      for (word, mark) in zip(words, marks) { #expect(abs((word.seconds ?? 0) - Double(mark.codeFrame) / 50) < 1e-4) }
    }
  }

  @Test func speedIsThatOfTheRequestAndWordsAreLeftOutUnasked() throws {
    try with { (daemon, model) throws in
      let client = try daemon.connect()
      let words = try words(client, .init(text: Self.text, speed: 0.7, tellsWords: true))
      let marks = try marks(model, speed: 0.7)
      #expect(try self.marks(model).map(\.codeFrame) != marks.map(\.codeFrame))
      #expect(words.map { Int((($0.seconds ?? 0) * 50).rounded()) } == marks.map(\.codeFrame))
      #expect(try self.words(client, .init(text: Self.text)).isEmpty)
    }
  }

  @Test func theProtocolTakesTheRatesThatTheEngineSpeaksAt() {
    #expect(ControlCommand.Speak.speeds == WalkSettings.speedRange)
  }

  @Test func wordsComeWhenTheySoundNotBefore() throws {
    try with { (daemon, _) throws in
      let client = try daemon.connect()
      guard case .speak(let request) = try client.call(.speak(.init(text: Self.text, tellsWords: true))) else { return }
      _ = try client.event(of: request) { $0.kind == .started }
      let start = Date()
      var early = 0.0
      _ = try client.event(of: request) { event in
        if event.kind == .word { early = max(early, (event.seconds ?? 0) - Date().timeIntervalSince(start)) }
        return event.kind.isTerminal
      }
      // `started` comes up to a look of the control thread after the first sample.
      #expect(early < 0.1)
    }
  }

  @Test func aModelWithoutAPlanRefusesSpeedAndWords() throws {
    let daemon = try DaemonProcess()
    try daemon.waitForLog("ready")
    let client = try daemon.connect()
    #expect(try client.refusal(of: .speak(.init(text: "Good morning.", speed: 1.1))) == .requestRefused)
    #expect(try client.refusal(of: .speak(.init(text: "Good morning.", tellsWords: true))) == .requestRefused)
    #expect(try client.refusal(of: .speak(.init(text: "Good morning.", speed: 1.6))) == .wrongField)
  }

  @Test func sendPrintsEachWordAsItIsWritten() throws {
    try with { (daemon, _) throws in
      _ = try daemon.connect()
      let process = Process()
      let output = Pipe()
      process.executableURL = DaemonProcess.programs.appendingPathComponent("unimoe-audio")
      process.arguments = ["send", "speak", "--follow", "--speed", "1.4", "--socket", daemon.socket, Self.text]
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(text.split(separator: "\n") == ["Dr.", "Smith", "paid", "$5", "at", "the", "station"])
    }
  }
}
