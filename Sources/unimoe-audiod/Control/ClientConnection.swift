import AudioRing
import ControlProtocol
import Glibc
import Posix

/// One client. Control thread only; nothing here waits.
final class ClientConnection {
  /// Bytes of output that may wait before nothing more is read from the client.
  static let pauseBytes = 256 << 10
  /// Bytes of output that may wait before progress is no longer sent.
  static let progressBytes = 64 << 10
  /// Bytes of output that may wait before the client is given up.
  static let outputLimit = 4 << 20

  /// Answers that may be to come at once, barriers not counted.
  static let answerLimit = 4096

  /// Its number, never used again.
  let id: Int
  let descriptor: Int32
  let peer: Peer
  /// Whether it has said hello.
  var isGreeted = false
  /// Whether it hears of all requests, not only of its own.
  var watches = false
  /// Commands whose answers are still to come, numbered in their order.
  private(set) var openAnswers: Set<Int> = []
  /// Answers that wait for others, and for requests to end.
  var barriers: [Barrier] = []
  /// What still comes from the client.
  private var input = Input.open
  /// Whether the client takes no more messages: what is sent to it is dropped, what it sent before is obeyed.
  private var isDeaf = false

  /// What a client may still send.
  private enum Input {
    /// More may come.
    case open
    /// Nothing more comes; what came is obeyed and answered.
    case ended
    /// Nothing is taken any more: the connection is closed once everything is sent.
    case refused
    /// The connection is over, whatever waits.
    case abandoned
  }

  /// A `sync` that is not answered yet.
  struct Barrier {
    /// The command's number.
    var id: Int
    /// The answers that come first.
    var answers: Set<Int>
    /// Whether the end of all requests before it is waited for too.
    var ended: Bool
    /// The requests that have to end.
    var requests: Set<Int>
  }

  private var answerCount = 0
  private var reader: FrameReader
  private var output: [UInt8] = []
  private var sent = 0
  /// When the greeting, or the rest of a message, began to be waited for.
  private var waitingSince: Duration? = MonotonicClock.now

  init(id: Int, descriptor: Int32, peer: Peer, frameLimit: Int) {
    self.id = id
    self.descriptor = descriptor
    self.peer = peer
    reader = FrameReader(limit: frameLimit)
  }

  /// Bytes that wait to be sent.
  var pendingBytes: Int { output.count - sent }

  /// Whether it is closed once everything is sent.
  var isClosing: Bool { input == .refused }

  /// Whether the client sends nothing more and has all its answers, as far as it takes any.
  var isServed: Bool {
    input == .ended && !reader.isReady && (isDeaf || openAnswers.isEmpty && barriers.isEmpty)
  }

  /// Whether the client stopped in the middle of a message.
  var isCutShort: Bool { input == .ended && !reader.isReady && reader.pendingBytes > 0 }

  /// Whether it is over.
  var isDead: Bool { input == .abandoned || input == .refused && pendingBytes == 0 }

  /// Whether messages wait that may be taken now.
  var hasMessage: Bool { reader.isReady && mayTake }

  /// Whether the next message may be taken: not as long as the client does not read its answers.
  private var mayTake: Bool { (input == .open || input == .ended) && pendingBytes < Self.pauseBytes }

  /// What to poll for. Nothing more is read before what came is obeyed, so that no client fills the memory.
  var interest: Int16 {
    let reads = input == .open && pendingBytes < Self.pauseBytes && !reader.isReady
    return Int16(reads ? POLLIN : 0) | Int16(pendingBytes > 0 ? POLLOUT : 0)
  }

  /// Until when the greeting, the rest of a message, or a closing client's reading has to come; nil if nothing is
  /// waited for.
  func deadline(patience: Duration) -> Duration? { waitingSince.map { $0 + patience } }

  /// Reads what is there. The next messages are then taken by `nextMessage`.
  ///
  /// - Parameter isHungUp: Whether the client closed both directions.
  func receive(isHungUp: Bool = false) {
    if isHungUp { becomeDeaf() }
    guard input == .open, !reader.isReady else { return }
    var bytes = [UInt8](repeating: 0, count: 16384)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    if count > 0 {
      reader.append(bytes[..<count])
    } else if count == 0 || errno != EAGAIN && errno != EINTR {
      input = .ended
      waitingSince = nil
    }
  }

  /// The next whole message; nil if there is none, or as long as the client does not read its answers.
  func nextMessage() throws(ControlFailure) -> [UInt8]? {
    guard mayTake else { return nil }
    let message = try reader.next()
    if message != nil {
      waitingSince = nil
    } else if input == .open, reader.pendingBytes > 0 || !isGreeted {
      waitingSince = waitingSince ?? MonotonicClock.now
    }
    return message
  }

  /// Remembers that an answer is to come; returns what to say when it came. Throws if too many are to come already.
  func promiseAnswer() throws(ControlFailure) -> Int {
    guard openAnswers.count < Self.answerLimit else {
      throw ControlFailure(.queueFull, "\(Self.answerLimit) answers are to come already")
    }
    answerCount += 1
    openAnswers.insert(answerCount)
    return answerCount
  }

  /// Notes that an answer was sent. The requests that it told of are waited for by the barriers after it.
  func keepPromise(_ answer: Int, request: Int? = nil) {
    openAnswers.remove(answer)
    for index in barriers.indices where barriers[index].answers.remove(answer) != nil && barriers[index].ended {
      if let request { barriers[index].requests.insert(request) }
    }
  }

  /// Takes a new limit for messages.
  func setFrameLimit(_ limit: Int) { reader.limit = limit }

  /// Sends a message, as far as the client takes it now; the rest is kept.
  func send(_ message: ServerMessage) {
    guard input == .open || input == .ended, !isDeaf else { return }
    if case .event(let event) = message, event.kind == .progress, pendingBytes > Self.progressBytes { return }
    guard let bytes = try? message.message(), bytes.count <= ControlFrame.replyLimit else {
      if case .reply(let id, let reply) = message {
        let failure = ControlFailure(.failed, "the answer is longer than \(ControlFrame.replyLimit) bytes")
        send(.error(id: id, command: reply.name.rawValue, failure))
      }
      return
    }
    if sent > 0 {
      output.removeFirst(sent)
      sent = 0
    }
    output += ControlFrame.bytes(bytes)
    flush()
    if pendingBytes > Self.outputLimit { abandon() }
  }

  /// Sends a last error; the connection closes when it is out.
  func refuse(_ failure: ControlFailure) {
    send(.error(id: nil, command: nil, failure))
    close()
  }

  /// Closes the connection once everything is sent.
  func close() {
    guard input != .abandoned else { return }
    input = .refused
    waitingSince = MonotonicClock.now
  }

  /// Gives the client up: what waits is neither obeyed nor sent.
  func abandon() {
    input = .abandoned
    becomeDeaf()
  }

  /// Sends what waits, as far as the client takes it.
  func flush() {
    while sent < output.count {
      let count = output.withUnsafeBytes { bytes in
        Glibc.send(
          descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        return becomeDeaf()
      }
    }
    output.removeAll(keepingCapacity: output.count < Self.progressBytes)
    sent = 0
  }

  private func becomeDeaf() {
    isDeaf = true
    (output, sent) = ([], 0)
  }
}
