import AudioRing
import ControlProtocol
import LiveStream
import Posix
import UniMoEAudio

extension RequestDesk {
  /// Has the next requests generated, as many at once as may be.
  func startGenerating(now: Duration) {
    guard let model, let rate = output.sampleRate else { return }
    while let ticket = queue.tickets.first(where: mayBegin) {
      _ = queue.remove(ticket.request)
      guard let job = jobs[ticket.request] else { return }
      start(job, model, rate: rate, now: now)
    }
  }

  /// Whether a request may be generated beside what is generated and prepared. One that interrupts others does not count
  /// them; and whatever is prepared for other ports, a port that has nothing gets its next one.
  private func mayBegin(_ ticket: Ticket) -> Bool {
    let rivals = jobs.values.filter {
      $0.isPrepared && (ticket.priority != .interrupt || $0.ticket.priority == .interrupt)
    }
    guard rivals.count(where: { $0.isStarting || $0.isGenerating }) < limits.generating else { return false }
    return rivals.count < limits.prepared || !rivals.contains { $0.ticket.port == ticket.port }
  }

  /// Takes in a stream that a worker made. Nobody may want it any more.
  func takeStream(of request: Int, _ result: Result<Inbox.Made, ControlFailure>) {
    guard let job = jobs[request], job.isStarting else {
      if case .success(let made) = result { made.stream.cancel() }
      return
    }
    job.isStarting = false
    switch result {
    case .success(let made):
      job.request = made.request
      job.stream = made.stream
      job.progressAt = MonotonicClock.now
    case .failure(let failure):
      job.failure = failure
      settle(job)
    }
  }

  /// Puts a request that nobody heard yet back into the queue, to be made at another sample rate.
  func regenerate(_ job: Job) {
    job.stream?.cancel()
    (job.stream, job.sound, job.isGateOpen) = (nil, nil, false)
    _ = queue.insert(job.ticket)
  }

  private func start(_ job: Job, _ model: any SoundModel, rate: Int, now: Duration) {
    job.isStarting = true
    job.progressAt = now
    var options = LiveStream.Options()
    options.sampleRate = rate
    options.startAfterSeconds = job.options.startSeconds ?? limits.startSeconds
    options.isUrgent = job.ticket.priority == .interrupt
    options.onStart = { [wakeup] in wakeup.ring() }
    options.onEnd = { [wakeup] _ in wakeup.ring() }
    let (number, checked, command) = (job.ticket.request, job.request, job.command)
    let (requestOptions, abandonment) = (job.options, job.abandonment)
    (job.ticket.priority == .interrupt ? workers.urgent : workers.starts).add { [inbox, schedule, options] in
      if abandonment.isCancelled { return }
      let result: Result<Inbox.Made, ControlFailure>
      do throws(ControlFailure) {
        let request = if let checked { checked } else { try model.request(command, options: requestOptions) }
        result = .success(
          Inbox.Made(request: request, stream: try model.start(request, options: options, schedule: schedule)))
      } catch {
        result = .failure(error)
      }
      inbox.put(.started(number, result))
    }
  }
}
