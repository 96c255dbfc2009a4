import AudioRing
import ControlProtocol
import LiveStream
import UniMoEAudio

extension RequestDesk {
  /// How long generation goes on after its sound was told to fade out.
  private static let fadeTime = Duration.milliseconds(20)
  /// Seconds of sound that must lie ready before a request resumes after an underrun.
  private static let refill = 0.2

  /// Gives each port its next requests.
  func startPlaying() {
    let ready = ordered.filter { if case .ready = $0.stage { !$0.isEnding } else { false } }
    // A cue sounds when it is fired, whatever else sounds there: it is attached as soon as it can be.
    for request in ready where request.options.waitsForCue { play(request) }
    let waiting = ready.filter { !$0.options.waitsForCue }
    for port in Set(waiting.map(\.ticket.port)) {
      let sounding = active.values.filter { $0.ticket.port == port && $0.isSounding }.map(\.ticket)
      let line = waiting.filter { $0.ticket.port == port }.map(\.ticket)
      for ticket in RequestQueue.starting(of: line, sounding: sounding) {
        if let request = active[ticket.request] { play(request) }
      }
    }
  }

  /// Takes over new gains for what sounds.
  func applyGains() {
    for request in active.values { request.sound?.setGain(gain(of: request), over: 0) }
  }

  /// Takes over how music gives way to speech.
  func applyDucking() {
    output.setDucking(gain: limits.ducking.gain, attack: limits.ducking.attack, release: limits.ducking.release)
  }

  /// Reports what happened to a request that is generated or sounds.
  func follow(_ request: ActiveRequest, now: Duration) {
    if let endsAt = request.endsAt, now >= endsAt, !request.isEnding { return cancel(request, "faded out") }
    guard let production = request.production else { return }
    let state = production.stream.state
    request.progress.note(state.progress, now: now)
    if request.isHeldUp { request.progress.touch(now: now) }
    if case .failed(let error) = state.end { fail(request, ControlFailure(error)) }
    if request.isEnding {
      if now - request.endingSince > Self.fadeTime { request.stopGenerating() }
      return
    }
    if request.progress.isDue(every: limits.progressInterval, now: now) { report(request) }
    guard let sound = request.sound else { return }
    openGate(production, sound)
    if request.options.waitsForCue, !sound.isHeld { request.noteFired() }
    if !production.isArmed, sound.isHeld, production.stream.state.isStarted { reportArmed(request) }
    if !production.hasStarted, sound.playedFrames > 0 { reportStart(request, production, sound) }
    reportWords(request, production, isOver: sound.ending == .complete)
    switch sound.ending {
    case .rateChanged where request.hasStarted: resample(request)
    case .rateChanged: regenerate(request)
    case .cancelled: cancel(request, "the output stopped")
    case .complete, nil: break
    }
  }

  /// Attaches a request to its port, silent until its gate opens; a server that freewheels does not wait for that.
  private func play(_ request: ActiveRequest) {
    guard case .ready(let production) = request.stage else { return }
    let source = production.source
    let gate = production.hasStarted ? Int(Self.refill * Double(source.sampleRate)) : .max
    do throws(OutputRefusal) {
      let sound = try output.play(
        source.ring, port: request.ticket.port, sampleRate: source.sampleRate, gain: gain(of: request), gate: gate,
        hold: request.hold(sampleRate: source.sampleRate))
      if request.isPaused { sound.setPaused(true) }
      request.stage = .attached(production, sound)
      openGate(production, sound)
    } catch {
      switch error {
      case .wrongSampleRate where production.hasStarted: resample(request)
      case .wrongSampleRate: regenerate(request)
      case .full: break
      case .failed(let problem): fail(request, ControlFailure(.outputFailed, problem))
      }
    }
  }

  /// The output has another sample rate, and some of the request was heard: has the rest resampled, to be played when it
  /// is the request's turn again, which is at once unless a more urgent one waits.
  private func resample(_ request: ActiveRequest) {
    guard let source = request.production?.source, let rate = output.sampleRate else { return }
    do throws(DaemonFailure) {
      request.resume(with: try RateConversion(of: source.ring, rate: source.sampleRate, to: rate))
    } catch {
      return fail(request, ControlFailure(.outputFailed, error.message))
    }
    var event = request.event(.resampled)
    event.sampleRate = rate
    onEvent(event, request.owner)
    log.info("request \(request.ticket.request): the sample rate is \(rate) Hz now; the rest is resampled")
  }

  func gain(of request: ActiveRequest) -> Float {
    Float(request.gain * (ports.isSpeech(request.ticket.port) ? limits.speechGain : limits.musicGain))
  }

  /// Lets a request begin once its stream says that it will not run dry.
  private func openGate(_ production: ActiveRequest.Production, _ sound: any Sound) {
    if !production.hasStarted, production.stream.state.isStarted { sound.setGate(0) }
  }

  private func report(_ request: ActiveRequest) {
    let progress = request.progress.seen
    var event = request.event(.progress)
    event.phase = progress.phase.rawValue
    event.codeFrames = progress.codeFramesDone
    event.codeFramesExpected = progress.codeFramesExpected
    onEvent(event, request.owner)
  }

  /// Tells of the words that began or ended to sound since the last time.
  private func reportWords(_ request: ActiveRequest, _ production: ActiveRequest.Production, isOver: Bool) {
    guard let marks = production.marks, request.hasStarted else { return }
    let rate = Double(production.stream.sampleRate)
    for entry in marks.take(before: isOver ? .max : Int(request.playedSeconds * rate)) {
      var event = request.event(entry.mark.kind == .wordStart ? .word : .wordEnd)
      event.word = entry.mark.word
      event.textStart = entry.mark.textRange.lowerBound
      event.textEnd = entry.mark.textRange.upperBound
      event.seconds = Double(entry.sample) / rate
      onEvent(event, request.owner)
    }
  }

  private func reportStart(
    _ request: ActiveRequest, _ production: ActiveRequest.Production, _ sound: any Sound
  ) {
    request.noteStart()
    sound.setGate(Int(Self.refill * Double(production.stream.sampleRate)))
    var event = request.event(.started)
    event.gateSeconds = production.stream.state.gateSeconds
    event.firstAudioSeconds = production.stream.state.firstAudioSeconds
    event.lateFrames = sound.lateFrames
    onEvent(event, request.owner)
  }

  private func reportArmed(_ request: ActiveRequest) {
    request.noteArmed()
    onEvent(request.event(.armed), request.owner)
  }
}
