import Testing

@testable import ControlProtocol

@Suite struct ServerMessageTests {
  private static let event: RequestEvent = {
    var event = RequestEvent(7, .failed)
    event.code = .outputFailed
    event.message = "gone"
    event.playedSeconds = 0.5
    return event
  }()

  @Test(arguments: [
    ServerMessage.reply(
      id: 1, .hello(Greeting(version: 1, server: "s", state: .loading, frameBytes: 65536, textBytes: 100))),
    .reply(id: 2, .speak(request: 7)), .reply(id: 3, .compose(request: 8)), .reply(id: 4, .cancel(requests: [7, 8])),
    .reply(
      id: 5,
      .status(
        DaemonStatus(
          state: .ready, model: "m", longestText: 75, longestMusic: 8, uptimeSeconds: 1.5, clients: 2,
          ports: ["speech_1"],
          output: OutputStatus(kind: "jack", isRunning: true, sampleRate: 48000, bufferSize: nil),
          requests: [
            RequestStatus(
              request: 7, state: .playing, command: .speak, port: "speech_1", priority: .low, codeFrames: 3,
              playedSeconds: 0.25)
          ], ended: ["completed": 4]))),
    .reply(id: 6, .voices([VoiceInfo(name: "a", isModels: true, transcript: "t", problem: nil)])), .reply(id: 7, .sync),
    .error(id: nil, command: nil, ControlFailure(.malformed, "m")),
    .error(id: 3, command: "speak", ControlFailure(.queueFull, "full")), .event(event),
    .event(RequestEvent(1, .accepted)),
  ])
  func messageIsReadAsWritten(message: ServerMessage) throws {
    #expect(try ServerMessage(message: message.message()) == message)
  }

  /// The manual asks it of every client, so that events can be added.
  @Test func eventsOfALaterDaemonAreLeftAside() throws {
    let later = #"{"type":"event","event":"bar","request":7,"bar":12}"#
    #expect(try ServerMessage(message: Array(later.utf8)) == nil)
    let known = #"{"type":"event","event":"started","request":7,"bar":12}"#
    #expect(try ServerMessage(message: Array(known.utf8)) == .event(RequestEvent(7, .started)))
    #expect(throws: ControlFailure.self) { try ServerMessage(message: Array(#"{"type":"event","request":7}"#.utf8)) }
  }

  @Test func codesAreTheDocumentedNumbers() {
    let numbers = ControlCode.allCases.map(\.rawValue)
    #expect(Set(numbers).count == numbers.count)
    #expect(ControlCode.wrongField.rawValue == 104 && ControlCode.queueFull.rawValue == 202)
  }
}
