import ControlProtocol
import Foundation
import Testing

/// The daemon's control socket as clients meet it, friendly and hostile ones, without a sound server.
@Suite(.serialized) struct ProtocolTests {
  private static let hello = #"{"type":"hello","id":0,"protocol":1,"client":"raw"}"#

  @Test func greetingComesFirst() throws {
    let daemon = try DaemonProcess()
    _ = try daemon.connect()
    let client = try RawClient(path: daemon.socket)
    client.send(#"{"type":"status","id":1}"#)
    #expect(try client.errorCode() == .greetingExpected)
    #expect(try client.receive() == nil)
    let other = try RawClient(path: daemon.socket)
    other.send(#"{"type":"hello","id":1,"protocol":99}"#)
    #expect(try other.errorCode() == .unsupportedProtocol)
    #expect(daemon.end().status == 0)
  }

  @Test func malformedFramesHarmNobody() throws {
    let daemon = try DaemonProcess(settings: "[control]\nframe-bytes = 2000\n")
    let friend = try daemon.connect()
    let hostile: [([UInt8], ControlCode)] = [
      ([0xFF, 0xFF, 0xFF, 0xFF], .frameTooLong), ([0, 0, 0, 0], .malformed), ([0xD1, 7, 0, 0], .frameTooLong),
      (Array("GET / HTTP/1.1\r\n\r\n".utf8), .frameTooLong),
    ]
    for (bytes, code) in hostile {
      let client = try RawClient(path: daemon.socket)
      client.send(Self.hello)
      client.send(bytes)
      #expect(try client.errorCode() == code)
      #expect(try client.receive() == nil)
    }
    let client = try RawClient(path: daemon.socket)
    client.send(Self.hello)
    // In whole frames, nonsense costs an error and no connection.
    for text in ["{", "[]", "\u{0}", #"{"type":"speak","id":1}"#, #"{"type":"x","id":2}"#] {
      client.send(text)
      #expect(try client.errorCode() != nil)
    }
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let noise = (0..<Int.random(in: 1...200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      client.send(ControlFrame.bytes(noise))
      #expect(try client.errorCode() == .malformed)
    }
    #expect(try friend.call(.sync(ended: false)) == .sync)
    #expect(daemon.end().status == 0)
  }

  @Test func halfSentFramesTimeOut() throws {
    let daemon = try DaemonProcess(settings: "[control]\npatience-seconds = 0.3\n")
    let friend = try daemon.connect()
    let silent = try RawClient(path: daemon.socket)
    let half = try RawClient(path: daemon.socket)
    half.send(Self.hello)
    half.send([20, 0, 0, 0, 0x7B])
    #expect(try silent.errorCode() == .timedOut)
    #expect(try silent.receive() == nil)
    #expect(try half.errorCode() == .timedOut)
    #expect(try half.receive() == nil)
    // Whoever says nothing between two messages may do so for ever.
    usleep(400_000)
    #expect(try friend.call(.sync(ended: false)) == .sync)
  }

  /// Messages in their frames, one after the other.
  private static func frames(_ messages: [String]) -> [UInt8] {
    messages.flatMap { ControlFrame.bytes(Array($0.utf8)) }
  }

  @Test func clientThatClosesAtOnceIsObeyed() throws {
    let daemon = try DaemonProcess(settings: "[queue]\nprepared = 1\n")
    let friend = try daemon.connect()
    try daemon.waitForLog("ready")
    let requests = try (0..<40).map { _ in try friend.speak("This one is long.", seconds: 60) }
    let cancels = requests.enumerated().map { #"{"type":"cancel","id":\#($0 + 1),"request":\#($1)}"# }
    var client: RawClient? = try RawClient(path: daemon.socket)
    client?.send(Self.frames([Self.hello] + cancels))
    client = nil
    try daemon.wait(for: "the end of all requests") { (try? friend.status().requests.isEmpty) == true }
    #expect(try friend.status().ended == ["cancelled": 40])
  }

  @Test func clientThatStopsReadingAnswersAndClosesIsObeyed() throws {
    let daemon = try DaemonProcess()
    let friend = try daemon.connect()
    let request = try friend.speak("This one is long.", seconds: 60)
    // Answers of some megabytes, of which nothing is read.
    let questions = (1...1000).map { #"{"type":"status","id":\#($0)}"# }
    var client: RawClient? = try RawClient(path: daemon.socket)
    let bytes = Self.frames([Self.hello] + questions + [#"{"type":"cancel","id":0,"request":\#(request)}"#])
    client?.send(bytes)
    client = nil
    #expect(try friend.end(of: request).kind == .cancelled)
    try daemon.wait(for: "the other client to be gone") { (try? friend.status().clients) == 1 }
  }

  @Test func clientThatEndsItsSideStillHearsWhatItAskedFor() throws {
    let daemon = try DaemonProcess()
    _ = try daemon.connect()
    let client = try RawClient(path: daemon.socket)
    let speak = #"{"type":"speak","id":1,"text":"Good morning.","min_seconds":0.3,"max_seconds":0.3}"#
    client.send(Self.frames([Self.hello, speak, #"{"type":"sync","id":2,"ended":true}"#]))
    client.endSending()
    var answers: [Int] = []
    var ends: [RequestEvent.Kind] = []
    while let message = try client.receive() {
      switch message {
      case .reply(let id, _): answers.append(id)
      case .event(let event) where event.kind.isTerminal: ends.append(event.kind)
      default: break
      }
    }
    #expect(answers == [0, 1, 2])
    #expect(ends == [.length] || ends == [.completed])
  }

  /// The longest text that the greeting promises fits into a message, with every field of a request beside it.
  @Test func textOfAsManyBytesAsTheGreetingSaysIsTaken() throws {
    let daemon = try DaemonProcess(settings: "[control]\nframe-bytes = 1200\n")
    _ = try daemon.connect()
    try daemon.waitForLog("ready")
    let client = try RawClient(path: daemon.socket)
    client.send(Self.hello)
    guard case .reply(_, .hello(let greeting))? = try client.receive() else {
      Issue.record("no greeting")
      return
    }
    let music = { (bytes: Int) in
      #"{"type":"compose","id":1,"caption":"\#(String(repeating: "a", count: bytes))","port":"music_1","#
        + #""priority":"interrupt","on_disconnect":"continue","mix":true,"gain":0.5,"max_seconds":0.1,"seed":1}"#
    }
    client.send(music(greeting.textBytes + 1))
    #expect(try client.errorCode() == .textTooLong)
    client.send(music(greeting.textBytes))
    guard case .reply(1, .compose)? = try client.receive() else {
      Issue.record("not taken")
      return
    }
  }

  @Test func textWithoutWordsIsSaidCharacterByCharacterWhereThatIsAskedFor() throws {
    let daemon = try DaemonProcess()
    let client = try daemon.connect()
    try daemon.waitForLog("ready")
    var options = RequestOptions()
    options.maximumSeconds = 0.1
    let signs = try client.call(.speak(.init(text: "#.", characters: true, options: options)))
    guard case .speak(let request) = signs else {
      Issue.record("expected a request, found \(signs)")
      return
    }
    #expect(try client.end(of: request).kind == .length)
    #expect(throws: ControlClient.Failure.self) { try client.call(.speak(.init(text: "#.", options: options))) }
  }

  @Test(arguments: ["/dev/null", "/proc/nowhere"])
  func usersFolderThatIsNoneLeavesTheModelsVoices(folder: String) throws {
    let daemon = try DaemonProcess(environment: ["XDG_DATA_HOME": folder])
    let client = try daemon.connect()
    try daemon.waitForLog("ready")
    guard case .voices(let voices) = try client.call(.voices) else {
      Issue.record("no list of voices")
      return
    }
    #expect(voices.allSatisfy { $0.isModels && $0.problem == nil })
    let request = try client.speak("Good morning.", seconds: 0.1)
    #expect(try [.length, .completed].contains(client.end(of: request).kind))
  }

  @Test func requestOfAClientThatEndsItsSideEndsAfterItsAnswer() throws {
    let daemon = try DaemonProcess()
    let friend = try daemon.connect()
    let client = try RawClient(path: daemon.socket)
    client.send(Self.frames([Self.hello, #"{"type":"speak","id":1,"text":"Good morning.","min_seconds":60}"#]))
    client.endSending()
    while try client.receive() != nil {}
    try daemon.wait(for: "the request's end") { (try? friend.status().ended["cancelled"]) == 1 }
    #expect(try friend.status().clients == 1)
  }

  @Test func messageThatIsNeverFinishedIsNotObeyed() throws {
    let daemon = try DaemonProcess()
    let friend = try daemon.connect()
    let request = try friend.speak("This one is long.", seconds: 3)
    let cancel = ControlFrame.bytes(Array(#"{"type":"cancel","id":1,"all":true}"#.utf8))
    let client = try RawClient(path: daemon.socket)
    client.send(Self.frames([Self.hello]) + cancel.dropLast())
    client.endSending()
    #expect(try client.errorCode() == .malformed)
    #expect(try client.receive() == nil)
    #expect(try friend.status().requests.map(\.request) == [request])
  }

  @Test func tenThousandCommandsInOneWriteAreAllAnswered() throws {
    let daemon = try DaemonProcess(arguments: ["--set", "log.level=info"])
    let friend = try daemon.connect()
    let client = try RawClient(path: daemon.socket)
    let commands = (1...10_000).map { #"{"type":"cancel","id":\#($0),"request":9999999}"# }
    let bytes = Self.frames([Self.hello] + commands)
    let writer = Thread { client.send(bytes) }
    writer.start()
    var answered: [Int] = []
    while answered.count < 10_000, let message = try client.receive() {
      if case .error(let id?, "cancel", _) = message { answered.append(id) }
      // The others get their turn meanwhile.
      if answered.count == 5000 { #expect(try friend.call(.sync(ended: false)) == .sync) }
    }
    #expect(answered == Array(1...10_000))
  }

  @Test func refusedClientHearsWhyHoweverItSends() throws {
    let daemon = try DaemonProcess(settings: "[control]\nclients = 1\n", arguments: ["--set", "log.level=error"])
    let friend = try daemon.connect()
    for _ in 0..<100 {
      do throws(ControlClient.Failure) {
        _ = try ControlClient(path: daemon.socket, name: "surplus")
        Issue.record("one client too many was taken")
      } catch {
        guard case .refused(let failure) = error, failure.code == .tooManyClients else {
          Issue.record("\(error)")
          return
        }
      }
    }
    #expect(try friend.call(.sync(ended: false)) == .sync)
  }

  @Test func messageArrivesByteByByte() throws {
    let daemon = try DaemonProcess()
    _ = try daemon.connect()
    let client = try RawClient(path: daemon.socket)
    for byte in ControlFrame.bytes(Array(Self.hello.utf8)) { client.send([byte]) }
    guard case .reply(0, .hello(let greeting)) = try client.receive() else {
      Issue.record("no greeting")
      return
    }
    #expect(greeting.version == 1)
  }

  @Test func limitsHold() throws {
    let daemon = try DaemonProcess(
      settings: "[control]\nclients = 3\ntext-bytes = 100\n[queue]\nlength = 2\nprepared = 1\n")
    let client = try daemon.connect()
    try daemon.waitForLog("ready")
    _ = try daemon.connect()
    var others = [try daemon.connect(), try daemon.connect()]
    let surplus = try RawClient(path: daemon.socket)
    #expect(try surplus.errorCode() == .tooManyClients)
    others = []
    #expect(
      throws: ControlClient.Failure.refused(
        ControlFailure(.textTooLong, "text: expected at most 100 bytes, found 101"))
    ) { try client.speak(String(repeating: "a", count: 101)) }
    let first = try client.speak("One two three four five.", seconds: 3)
    try daemon.wait(for: "generation") { (try? client.status().requests.first?.state) != .queued }
    for _ in 0..<2 { _ = try client.speak() }
    #expect(
      throws: ControlClient.Failure.refused(
        ControlFailure(.queueFull, "queue: 2 requests wait already, which is the limit"))
    ) { try client.speak() }
    #expect(try client.call(.cancel(request: nil)) == .cancel(requests: [first, first + 1, first + 2]))
    withExtendedLifetime(others) {}
  }

  @Test func wrongRequestsAreRefusedWithTheirReason() throws {
    let daemon = try DaemonProcess()
    let client = try daemon.connect()
    try daemon.waitForLog("ready")
    let cases: [(ControlCommand, ControlCode)] = [
      (.speak(.init(text: "hello", voice: "nobody")), .noSuchVoice), (.speak(.init(text: "   ")), .requestRefused),
      (.cancel(request: 99), .noSuchRequest),
      (
        .compose(
          .init(
            caption: "x",
            options: {
              var options = RequestOptions(); options.port = "speech_1"; return options
            }())), .noSuchPort
      ),
    ]
    for (command, code) in cases {
      #expect(try client.refusal(of: command) == code)
    }
    guard case .voices(let voices) = try client.call(.voices) else {
      Issue.record("no voices")
      return
    }
    #expect(voices.contains { $0.name == "default" && $0.isModels })
  }

  @Test func requestsAskedForWhileLoadingArePlayed() throws {
    let daemon = try DaemonProcess()
    let client = try daemon.connect()
    let request = try client.speak("Good morning.", seconds: 0.5)
    #expect([.length, .completed].contains(try client.end(of: request).kind))
    let wrong = try client.speak("Good morning.", seconds: 0.5) { $0.port = nil }
    #expect(try client.end(of: wrong).playedSeconds ?? 0 > 0.4)
  }

  @Test func barrierIsAnsweredAfterTheRequestsBeforeIt() throws {
    let daemon = try DaemonProcess()
    let client = try daemon.connect()
    let request = try client.speak("Good morning.", seconds: 0.5)
    let barrier = try client.send(.sync(ended: true))
    var hasEnded = false
    while true {
      switch try client.receive(timeout: .seconds(20)) {
      case .event(let event): hasEnded = hasEnded || event.request == request && event.kind.isTerminal
      case .reply(barrier, .sync):
        #expect(hasEnded)
        return
      default: break
      }
    }
  }

  @Test func interruptionEndsWhatSoundsOnItsPort() throws {
    let daemon = try DaemonProcess()
    let client = try daemon.connect()
    let long = try client.speak("This one is long.", seconds: 4)
    _ = try client.event(of: long) { $0.kind == .started }
    let important = try client.speak("Stop.", seconds: 0.4) { $0.priority = .interrupt }
    let end = try client.end(of: long)
    #expect(end.kind == .cancelled)
    #expect(end.message == "interrupted by request \(important)")
    #expect([.length, .completed].contains(try client.end(of: important).kind))
  }

  @Test func socketIsPrivateAndGoneAtTheEnd() throws {
    let daemon = try DaemonProcess()
    _ = try daemon.connect()
    let mode = try FileManager.default.attributesOfItem(atPath: daemon.socket)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let second = try DaemonProcess(environment: ["UNIMOE_AUDIOD_CONTROL_SOCKET": daemon.socket])
    second.process.waitUntilExit()
    #expect(second.process.terminationStatus == 69)
    #expect(second.errors.contains("another daemon serves this socket"))
    #expect(daemon.end(SIGINT).status == 0)
    #expect(!FileManager.default.fileExists(atPath: daemon.socket))
  }

  @Test func deadDaemonsSocketIsReplaced() throws {
    let daemon = try DaemonProcess()
    _ = try daemon.connect()
    _ = daemon.end(SIGKILL)
    #expect(FileManager.default.fileExists(atPath: daemon.socket))
    let second = try DaemonProcess(environment: ["UNIMOE_AUDIOD_CONTROL_SOCKET": daemon.socket])
    try second.waitForLog("ready")
    _ = try ControlClient(path: daemon.socket, name: "test")
    #expect(second.end().status == 0)
  }

  @Test func otherFileAtTheSocketsPathStays() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("daemon-file-\(UUID().uuidString)")
    try Data("keep".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let daemon = try DaemonProcess(environment: ["UNIMOE_AUDIOD_CONTROL_SOCKET": file.path])
    daemon.process.waitUntilExit()
    #expect(daemon.process.terminationStatus == 71)
    #expect(try String(contentsOf: file, encoding: .utf8) == "keep")
  }
}
