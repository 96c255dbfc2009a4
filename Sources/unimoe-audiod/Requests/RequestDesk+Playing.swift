import AudioRing
import ControlProtocol
import LiveStream
import UniMoEAudio

extension RequestDesk {
  /// How long generation goes on after its sound was told to fade out.
  private static let fadeTime = Duration.milliseconds(20)
  /// Seconds of sound that must lie ready before a request goes on after an underrun.
  private static let refill = 0.2

  /// Gives each port its next requests.
  func startPlaying() {
    let waiting = ordered.filter { $0.stream != nil && $0.sound == nil && !$0.isEnding }
    for port in Set(waiting.map(\.ticket.port)) {
      let sounding = jobs.values.filter { $0.ticket.port == port && $0.isSounding }.map(\.ticket)
      let ready = waiting.filter { $0.ticket.port == port }.map(\.ticket)
      for ticket in RequestQueue.starting(of: ready, sounding: sounding) {
        if let job = jobs[ticket.request] { play(job) }
      }
    }
  }

  /// Takes over new gains for what sounds.
  func applyGains() {
    for job in jobs.values { job.sound?.setGain(gain(of: job)) }
  }

  /// Reports what happened to a request that is generated or sounds.
  func follow(_ job: Job, now: Duration) {
    guard let stream = job.stream else { return }
    let state = stream.state
    if state.progress != job.progress || job.isHeldUp {
      job.progress = state.progress
      job.progressAt = now
    }
    openGate(job, stream)
    if case .failed(let error) = state.end, job.cancellation == nil {
      fail(job, ControlFailure(.failed, error.description))
    }
    if job.isEnding {
      if now - job.cancelledAt > Self.fadeTime { job.stopGenerating() }
      return
    }
    if now - job.sentProgressAt >= limits.progressInterval, job.sentProgress != job.progress { report(job, now: now) }
    guard let sound = job.sound else { return }
    if !job.hasStarted, sound.playedFrames > 0 { reportStart(job, sound, stream) }
    switch sound.ending {
    case .rateChanged where !job.hasStarted: regenerate(job)
    case .rateChanged: resample(job)
    case .cancelled: cancel(job, "the output stopped")
    case .complete, nil: break
    }
  }

  /// Attaches a request to its port, silent until its gate opens; a server that freewheels does not wait for that.
  private func play(_ job: Job) {
    guard let stream = job.stream else { return }
    let source = job.rest.map { ($0.ring, $0.sampleRate) } ?? (stream.ring, stream.sampleRate)
    do throws(OutputRefusal) {
      job.sound = try output.play(
        source.0, port: job.ticket.port, sampleRate: source.1, gain: gain(of: job),
        gate: job.hasStarted ? Int(Self.refill * Double(source.1)) : .max)
    } catch {
      switch error {
      case .wrongSampleRate where job.hasStarted: resample(job)
      case .wrongSampleRate: regenerate(job)
      case .full: break
      case .failed(let problem): fail(job, ControlFailure(.outputFailed, problem))
      }
      return
    }
    openGate(job, stream)
  }

  /// The output has another sample rate, and some of the request was heard: has the rest resampled, to be played when it
  /// is the request's turn again, which is at once unless a more urgent one waits.
  private func resample(_ job: Job) {
    guard let stream = job.stream, let rate = output.sampleRate else { return }
    let (source, sourceRate) = job.rest.map { ($0.ring, $0.sampleRate) } ?? (stream.ring, stream.sampleRate)
    do throws(DaemonFailure) {
      job.continues(with: try RateConversion(of: source, rate: sourceRate, to: rate))
    } catch {
      return fail(job, ControlFailure(.outputFailed, error.message))
    }
    var event = job.event(.resampled)
    event.sampleRate = rate
    onEvent(event, job.owner)
    log.info("request \(job.ticket.request): the sample rate is \(rate) Hz now; the rest is resampled")
  }

  private func gain(of job: Job) -> Float {
    Float(job.options.gain * (ports.isSpeech(job.ticket.port) ? limits.speechGain : limits.musicGain))
  }

  private func openGate(_ job: Job, _ stream: LiveStream) {
    guard let sound = job.sound, !job.isGateOpen, stream.state.isStarted else { return }
    job.isGateOpen = true
    sound.setGate(0)
  }

  private func report(_ job: Job, now: Duration) {
    job.sentProgress = job.progress
    job.sentProgressAt = now
    var event = job.event(.progress)
    event.phase = job.progress.phase.rawValue
    event.codeFrames = job.progress.codeFramesDone
    event.codeFramesExpected = job.progress.codeFramesExpected
    onEvent(event, job.owner)
  }

  private func reportStart(_ job: Job, _ sound: any Sound, _ stream: LiveStream) {
    job.hasStarted = true
    sound.setGate(Int(Self.refill * Double(stream.sampleRate)))
    var event = job.event(.started)
    event.gateSeconds = stream.state.gateSeconds
    event.firstAudioSeconds = stream.state.firstAudioSeconds
    onEvent(event, job.owner)
  }
}
