import AudioRing
import ControlProtocol
import LiveStream
import Posix
import UniMoEAudio

/// One request of a client, from when it came to its terminal event. Control thread only.
final class ActiveRequest {
  /// How far it has come.
  enum Stage {
    /// It is looked at by a worker. The function tells its client its number, or why there is none.
    case checking(answer: (Result<Int, ControlFailure>) -> Void)
    /// It waits in the queue, with what the engine is to make once it was looked at.
    case queued(Request?)
    /// A worker makes its stream.
    case starting(Request?)
    /// It is generated, or all of it is, and waits for its port.
    case ready(Production)
    /// It is attached to its port.
    case attached(Production, any Sound)
  }

  /// What is generated of a request.
  struct Production {
    let request: Request
    let stream: LiveStream
    /// Where its words will sound; nil if nobody asked.
    let marks: MarkQueue?
    /// What is left of it at another rate than the stream's, since the output changed its own.
    var rest: RateConversion?
    /// What was played before that.
    var before = (seconds: 0.0, underruns: 0)
    /// Whether `started` was sent.
    var hasStarted = false
    /// Whether `armed` was sent.
    var isArmed = false

    init(_ request: Request, _ stream: LiveStream, _ marks: MarkQueue?) {
      self.request = request
      self.stream = stream
      self.marks = marks
    }

    /// Where the samples to play come from, and their rate in Hz.
    var source: (ring: AudioRing, sampleRate: Int) {
      rest.map { ($0.ring, $0.sampleRate) } ?? (stream.ring, stream.sampleRate)
    }
  }

  /// Why it ends before its time.
  enum Ending {
    case cancelled(reason: String)
    case failed(ControlFailure)
  }

  /// Its place in the order.
  let ticket: Ticket
  /// What was asked for.
  let command: ControlCommand
  /// How it is made and played.
  let options: RequestOptions
  /// The connection that asked and hears the events; nil once that is gone.
  var owner: Int?
  /// Raised when no stream is wanted any more.
  let abandonment = Cancellation()
  /// How far generation has come.
  var progress = ProgressRecord()

  var stage: Stage
  /// Linear gain, times the configured one.
  var gain: Double
  /// When it is to end, since a client had it fade out.
  var endsAt: Duration?
  /// Whether it pauses.
  private(set) var isPaused = false
  /// When it was fired; nil while it is held.
  private(set) var firedAt: Duration?
  private(set) var ending: Ending?
  /// When the ending began: generation is stopped a little later than the sound, so that this can fade out.
  private(set) var endingSince: Duration = .zero

  init(
    _ ticket: Ticket, _ command: ControlCommand, options: RequestOptions, owner: Int?,
    answer: @escaping (Result<Int, ControlFailure>) -> Void
  ) {
    self.ticket = ticket
    self.command = command
    self.options = options
    gain = options.gain
    self.owner = owner
    stage = .checking(answer: answer)
  }

  /// Ends it before its time; what is said first holds.
  func end(_ ending: Ending) {
    guard self.ending == nil else { return }
    self.ending = ending
    endingSince = MonotonicClock.now
  }

  /// Stops generation, or keeps it from beginning.
  func stopGenerating() {
    abandonment.cancel()
    production?.stream.cancel()
  }

  /// Notes that its first sample was played.
  func noteStart() {
    guard case .attached(var production, let sound) = stage else { return }
    production.hasStarted = true
    stage = .attached(production, sound)
  }

  /// Notes that it would sound at once if it was fired.
  func noteArmed() {
    guard case .attached(var production, let sound) = stage else { return }
    production.isArmed = true
    stage = .attached(production, sound)
  }

  /// Fires it, however far it has come.
  func fire() {
    noteFired()
    sound?.fire()
  }

  /// Notes that it was fired: it is not held again, whatever it has to be made anew for.
  func noteFired() { if firedAt == nil { firedAt = MonotonicClock.now } }

  /// Pauses it, or lets it go on, however far it has come.
  func setPaused(_ isPaused: Bool) {
    self.isPaused = isPaused
    sound?.setPaused(isPaused)
  }

  /// What it waits for on a port of some rate; nil where it waits for nothing, or has sounded before.
  func hold(sampleRate: Int) -> SoundHold? {
    guard options.waitsForCue, !hasStarted else { return nil }
    return SoundHold(
      note: options.cueNote, transportFrame: options.cueFrame,
      firedFrames: firedAt.map { Int((MonotonicClock.now - $0).seconds * Double(sampleRate)) })
  }

  /// Resumes with the rest of the samples at another rate, once its port takes it again.
  func resume(with rest: RateConversion) {
    guard var production else { return }
    production.before = (playedSeconds, underruns)
    production.rest = rest
    stage = .ready(production)
  }
}

/// What is read off a request's stage.
extension ActiveRequest {
  /// What is generated of it; nil before.
  var production: Production? {
    switch stage {
    case .checking, .queued, .starting: nil
    case .ready(let production), .attached(let production, _): production
    }
  }

  /// What sounds, or is silent until its gate opens; nil while it is not attached to its port.
  var sound: (any Sound)? { if case .attached(_, let sound) = stage { sound } else { nil } }

  /// Whether it is being looked at and not accepted yet.
  var isChecking: Bool { if case .checking = stage { true } else { false } }

  /// Whether a stream is being made.
  var isStarting: Bool { if case .starting = stage { true } else { false } }

  /// Whether it ends before its time.
  var isEnding: Bool { ending != nil }

  /// Whether it has left the queue: it is generated, waits for its port, or sounds.
  var isPrepared: Bool { isStarting || production != nil }

  /// Whether it takes one of the places of what is prepared: a cue that is made takes none, so that there can be many.
  var takesPlace: Bool { isPrepared && !(isHeld && sound != nil && !isGenerating) }

  /// Whether its client is told of its words.
  var tellsWords: Bool { if case .speak(let speak) = command { speak.tellsWords } else { false } }

  /// Whether its text is spoken in pieces.
  var isLongText: Bool { if case .speak(let speak) = command { speak.isLongText } else { false } }

  /// Whether it computes.
  var isGenerating: Bool { production.map { $0.stream.state.end == nil } ?? false }

  /// Whether it waits to be fired.
  var isHeld: Bool { options.waitsForCue && (sound?.isHeld ?? (firedAt == nil)) }

  /// Whether it sounds or waits for its gate on its port.
  var isSounding: Bool { sound.map { $0.ending == nil && !$0.isHeld } ?? false }

  /// Whether it will sound and is not attached to its port yet.
  var isExpected: Bool { !isEnding && !isChecking && sound == nil && !isHeld }

  /// Whether nothing computes and nothing sounds any more.
  var isQuiet: Bool { !isGenerating && !isSounding }

  /// Whether some of it was heard.
  var hasStarted: Bool { production?.hasStarted ?? false }

  /// Whether generation is held up by a ring that nobody reads yet, or by other streams that play.
  var isHeldUp: Bool {
    guard let stream = production?.stream else { return false }
    if stream.state.makesWay { return true }
    let ring = stream.ring
    return ring.writtenSamples - ring.deliveredSamples >= ring.capacity / 2
  }

  /// Seconds played.
  var playedSeconds: Double {
    guard let production else { return 0 }
    return production.before.seconds + Double(sound?.playedFrames ?? 0) / Double(production.source.sampleRate)
  }

  /// Times that it ran dry.
  var underruns: Int { (production?.before.underruns ?? 0) + (sound?.underruns ?? 0) }
}

/// What its client and the status are told.
extension ActiveRequest {
  /// Its text or caption.
  private var text: String {
    switch command {
    case .speak(let speak): speak.text
    case .compose(let compose): compose.caption
    default: ""
    }
  }

  /// What fires it while it is held.
  private var cueInWords: String? {
    guard isHeld else { return nil }
    let cues = [options.cueNote.map { "note \($0)" }, options.cueFrame.map { "frame \($0)" }].compactMap { $0 }
    return (cues + ["go"]).joined(separator: ", ")
  }

  /// For the status.
  func status(port: String) -> RequestStatus {
    let state: RequestStatus.State
    if isEnding {
      state = .ending
    } else {
      state =
        switch stage {
        case .checking, .queued: .queued
        case .starting: .generating
        case .ready(let production), .attached(let production, _):
          isPaused
            ? .paused
            : production.hasStarted
              ? .playing : isHeld && production.isArmed ? .armed : isGenerating ? .generating : .ready
        }
    }
    return RequestStatus(
      request: ticket.request, state: state, command: command.name, port: port, priority: ticket.priority,
      codeFrames: progress.seen.codeFramesDone, playedSeconds: playedSeconds, cue: cueInWords,
      text: String(text.prefix(200)))
  }

  /// An event that only names the request.
  func event(_ kind: RequestEvent.Kind) -> RequestEvent { RequestEvent(ticket.request, kind) }

  /// The event that ends it. Only when it is quiet.
  func terminalEvent() -> RequestEvent {
    var event = self.event(kindOfEnd)
    let stream = production?.stream
    let state = stream?.state
    event.seconds = stream.map { Double(state?.producedSamples ?? 0) / Double($0.sampleRate) } ?? 0
    event.playedSeconds = playedSeconds
    event.underruns = underruns
    event.speed = state?.measuredSpeed
    event.firstAudioSeconds = state?.firstAudioSeconds
    switch ending {
    case .cancelled(let reason): event.message = reason
    case .failed(let failure): (event.code, event.message) = (failure.code, failure.message)
    case nil: break
    }
    return event
  }

  private var kindOfEnd: RequestEvent.Kind {
    switch ending {
    case .failed: return .failed
    case .cancelled: return .cancelled
    case nil: break
    }
    switch production?.stream.state.end {
    case .stopped(.end): return .completed
    case .stopped(.length): return .length
    case .stopped(.watchdog): return .watchdog
    case .stopped(.cancelled), nil: return .cancelled
    case .failed: return .failed
    }
  }
}

/// The progress of a request as it was seen and sent last.
struct ProgressRecord {
  private(set) var seen = GenerationProgress(phase: .queued, codeFramesDone: 0, codeFramesExpected: 0)
  /// When it last proceeded.
  private(set) var changedAt: Duration = .zero
  private var sent: GenerationProgress?
  private var sentAt: Duration = .zero

  /// Notes that it proceeded, or has a reason not to.
  mutating func touch(now: Duration = MonotonicClock.now) { changedAt = now }

  /// Notes a progress that is another one than the last.
  mutating func note(_ progress: GenerationProgress, now: Duration) {
    guard progress != seen else { return }
    (seen, changedAt) = (progress, now)
  }

  /// Whether the last progress is to be sent now; it counts as sent then.
  mutating func isDue(every interval: Duration, now: Duration) -> Bool {
    guard now - sentAt >= interval, sent != seen else { return false }
    (sent, sentAt) = (seen, now)
    return true
  }
}
