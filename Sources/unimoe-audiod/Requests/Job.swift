import AudioRing
import ControlProtocol
import LiveStream
import UniMoEAudio

/// One accepted request, from the queue to its terminal event. Control thread only.
final class Job {
  /// Its place in the order.
  let ticket: Ticket
  /// What was asked for.
  let command: ControlCommand
  /// How it is made and played.
  let options: RequestOptions
  /// The connection that asked and hears the events; nil once that is gone.
  var owner: Int?

  /// Tells its client the request's number, or why there is none; nil once that was told.
  var answer: ((Result<Int, ControlFailure>) -> Void)?
  /// Whether it is being looked at before it may wait in the queue.
  var isChecking = false
  /// What the engine is to make; nil before it was looked at.
  var request: Request?
  /// Whether a stream is being made.
  var isStarting = false
  /// Raised when no stream is wanted any more.
  let abandonment = Cancellation()
  /// What is generated; nil while it waits.
  var stream: LiveStream?
  /// What sounds; nil before its turn.
  var sound: (any Sound)?
  /// What is left of it at another rate than the stream's, since the output changed its own.
  private(set) var rest: RateConversion?
  /// What was played before that.
  private var before = (seconds: 0.0, underruns: 0)
  /// Whether the gate was opened after the stream said so.
  var isGateOpen = false
  /// Whether `started` was sent.
  var hasStarted = false
  /// Why it is being cancelled; nil if it is not.
  var cancellation: String?
  /// When cancelling began: generation is stopped a little later than the sound, so that this can fade out.
  var cancelledAt: Duration = .zero
  /// What will be reported as `failed`.
  var failure: ControlFailure?
  /// The last progress that was looked at, and when it last changed.
  var progress = GenerationProgress(phase: .queued, codeFramesDone: 0, codeFramesExpected: 0)
  var progressAt: Duration = .zero
  /// The last progress that was sent, and when.
  var sentProgress: GenerationProgress?
  var sentProgressAt: Duration = .zero

  init(
    _ ticket: Ticket, _ command: ControlCommand, options: RequestOptions, owner: Int?,
    answer: @escaping (Result<Int, ControlFailure>) -> Void
  ) {
    self.ticket = ticket
    self.command = command
    self.options = options
    self.owner = owner
    self.answer = answer
  }

  /// Whether it ends before its time.
  var isEnding: Bool { cancellation != nil || failure != nil }

  /// Whether it has left the queue: it is generated, waits for its port, or sounds.
  var isPrepared: Bool { isStarting || stream != nil }

  /// Whether it computes.
  var isGenerating: Bool { stream.map { $0.state.end == nil } ?? false }

  /// Whether it sounds or waits for its gate on its port.
  var isSounding: Bool { sound.map { $0.ending == nil } ?? false }

  /// Whether nothing computes and nothing sounds any more.
  var isQuiet: Bool { !isGenerating && !isSounding }

  /// Whether generation is held up by a ring that nobody reads yet, or by other streams that play.
  var isHeldUp: Bool {
    guard let stream else { return false }
    if stream.state.makesWay { return true }
    let ring = stream.ring
    return ring.writtenSamples - ring.deliveredSamples >= ring.capacity / 2
  }

  /// Stops generation, or keeps it from beginning.
  func stopGenerating() {
    abandonment.cancel()
    stream?.cancel()
  }

  /// Seconds played.
  var playedSeconds: Double {
    guard let sound, let stream else { return before.seconds }
    return before.seconds + Double(sound.playedFrames) / Double(rest?.sampleRate ?? stream.sampleRate)
  }

  /// Times that it ran dry.
  var underruns: Int { before.underruns + (sound?.underruns ?? 0) }

  /// Goes on with the rest of the samples at another rate, once it is played again.
  func continues(with rest: RateConversion) {
    before = (playedSeconds, underruns)
    (self.rest, sound) = (rest, nil)
  }

  /// For the status.
  func status(port: String) -> RequestStatus {
    let state: RequestStatus.State
    if isEnding {
      state = .ending
    } else if !isPrepared {
      state = .queued
    } else if hasStarted {
      state = .playing
    } else {
      state = isStarting || isGenerating ? .generating : .ready
    }
    return RequestStatus(
      request: ticket.request, state: state, command: command.name, port: port, priority: ticket.priority,
      codeFrames: progress.codeFramesDone, playedSeconds: playedSeconds)
  }

  /// An event that only names the request.
  func event(_ kind: RequestEvent.Kind) -> RequestEvent { RequestEvent(ticket.request, kind) }

  /// The event that ends it. Only when it is quiet.
  func terminalEvent() -> RequestEvent {
    var event = self.event(kindOfEnd)
    let state = stream?.state
    event.seconds = stream.map { Double(state?.producedSamples ?? 0) / Double($0.sampleRate) } ?? 0
    event.playedSeconds = playedSeconds
    event.underruns = underruns
    event.speed = state?.measuredSpeed
    event.firstAudioSeconds = state?.firstAudioSeconds
    event.code = failure?.code
    event.message = failure?.message ?? cancellation
    return event
  }

  private var kindOfEnd: RequestEvent.Kind {
    if failure != nil { return .failed }
    if cancellation != nil { return .cancelled }
    switch stream?.state.end {
    case .stopped(.end): return .completed
    case .stopped(.length): return .length
    case .stopped(.watchdog): return .watchdog
    case .stopped(.cancelled), nil: return .cancelled
    case .failed: return .failed
    }
  }
}
