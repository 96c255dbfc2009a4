import Testing

@testable import ControlProtocol

@Suite struct ControlCommandTests {
  private static let full: RequestOptions = {
    var options = RequestOptions()
    options.port = "speech_1"
    options.priority = .interrupt
    options.onDisconnect = .proceed
    options.mixes = true
    options.gain = 0.5
    options.seed = .max
    options.minimumSeconds = 1
    options.maximumSeconds = 2.5
    options.startSeconds = 0.25
    options.guidance = 3
    options.temperature = 0.8
    options.topK = 0
    options.topP = 0.9
    options.endFactor = 0.7
    options.isGreedy = true
    return options
  }()

  @Test(arguments: [
    ControlCommand.hello(.init(client: "test")), .speak(.init(text: "Grüße, \"you\"\n", voice: "anna", options: full)),
    .speak(.init(text: "plain")), .compose(.init(caption: "A piano.", options: full)), .cancel(request: 7),
    .cancel(request: nil), .status, .voices, .sync(ended: true), .sync(ended: false),
  ])
  func commandIsReadAsWritten(command: ControlCommand) throws {
    let received = ReceivedCommand(try command.message(id: 42))
    #expect(received.id == 42)
    #expect(received.name == command.name.rawValue)
    #expect(try received.command.get() == command)
  }

  @Test(arguments: [
    ("", ControlCode.malformed), ("{", .malformed), ("[]", .malformed), ("null", .malformed), ("\"a\"", .malformed),
    ("{}", .malformed), (#"{"type":"status"}"#, .malformed), (#"{"type":"status","id":-1}"#, .malformed),
    (#"{"type":"status","id":1.5}"#, .malformed), (#"{"type":"status","id":99999999999999999}"#, .malformed),
    (#"{"type":7,"id":1}"#, .malformed), (#"{"id":1}"#, .malformed),
    (#"{"type":"explode","id":1}"#, .unknownCommand), (#"{"type":"status","id":1,"x":1}"#, .wrongField),
    (#"{"type":"hello","id":1}"#, .wrongField), (#"{"type":"hello","id":1,"protocol":"1"}"#, .wrongField),
    (#"{"type":"speak","id":1}"#, .wrongField), (#"{"type":"speak","id":1,"text":7}"#, .wrongField),
    (#"{"type":"speak","id":1,"text":"a","gain":5}"#, .wrongField),
    (#"{"type":"speak","id":1,"text":"a","gain":"loud"}"#, .wrongField),
    (#"{"type":"speak","id":1,"text":"a","priority":"urgent"}"#, .wrongField),
    (#"{"type":"speak","id":1,"text":"a","on_disconnect":"explode"}"#, .wrongField),
    (#"{"type":"speak","id":1,"text":"a","seed":-1}"#, .wrongField),
    (#"{"type":"speak","id":1,"text":"a","top_p":1.5}"#, .wrongField),
    (#"{"type":"speak","id":1,"text":"a","top_k":-1}"#, .wrongField),
    (#"{"type":"speak","id":1,"text":"a","min_seconds":1e999}"#, .malformed),
    (#"{"type":"cancel","id":1}"#, .wrongField), (#"{"type":"cancel","id":1,"request":1,"all":true}"#, .wrongField),
    (#"{"type":"cancel","id":1,"all":false}"#, .wrongField),
  ])
  func wrongMessageIsAnError(message: String, code: ControlCode) throws {
    let received = ReceivedCommand(Array(message.utf8))
    guard case .failure(let failure) = received.command else {
      Issue.record("\(message) was taken")
      return
    }
    // A number that no decoder can hold may be refused with its field or with the whole message.
    #expect(failure.code == code || message.contains("1e999") && failure.code == .wrongField)
    #expect(!failure.message.contains("\n"))
  }

  @Test func errorNamesFieldExpectedAndFound() throws {
    let received = ReceivedCommand(Array(#"{"type":"speak","id":9,"text":"a","gain":7}"#.utf8))
    #expect(received.id == 9)
    #expect(
      received.command == .failure(ControlFailure(.wrongField, "gain: expected 0.0 to 4.0, found 7.0")))
  }

  @Test func deepNestingIsAnError() {
    let message = String(repeating: "[", count: 60_000)
    #expect(throws: ControlFailure.self) { try ReceivedCommand(Array(message.utf8)).command.get() }
    let field = #"{"type":"speak","id":1,"text":"# + String(repeating: "[", count: 60_000)
    #expect(throws: ControlFailure.self) { try ReceivedCommand(Array(field.utf8)).command.get() }
  }
}
