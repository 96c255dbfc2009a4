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
      guard let request = active[ticket.request], case .queued(let checked) = request.stage else { return }
      start(request, checked, model, rate: rate, now: now)
    }
  }

  /// Whether a request may be generated beside what is generated and prepared. One that interrupts others does not count
  /// them; and whatever is prepared for other ports, a port that has nothing gets its next one.
  private func mayBegin(_ ticket: Ticket) -> Bool {
    let rivals = active.values.filter {
      $0.takesPlace && (ticket.priority != .interrupt || $0.ticket.priority == .interrupt)
    }
    guard rivals.count(where: { $0.isStarting || $0.isGenerating }) < limits.generating else { return false }
    return rivals.count < limits.prepared || !rivals.contains { $0.ticket.port == ticket.port }
  }

  /// Takes in a stream that a worker made. Nobody may want it any more.
  func takeStream(of number: Int, _ result: Result<Inbox.Made, ControlFailure>) {
    guard let request = active[number], request.isStarting else {
      if case .success(let made) = result { made.stream.cancel() }
      return
    }
    switch result {
    case .success(let made):
      request.stage = .ready(ActiveRequest.Production(made.request, made.stream, made.marks))
      request.progress.touch()
    case .failure(let failure):
      request.stage = .queued(nil)
      request.end(.failed(failure))
      settle(request)
    }
  }

  /// Puts a request that nobody heard yet back into the queue, to be made at another sample rate.
  func regenerate(_ request: ActiveRequest) {
    guard let production = request.production else { return }
    production.stream.cancel()
    request.stage = .queued(production.request)
    queue.insert(request.ticket)
  }

  private func start(
    _ active: ActiveRequest, _ checked: Request?, _ model: any SoundModel, rate: Int, now: Duration
  ) {
    active.stage = .starting(checked)
    active.progress.touch(now: now)
    var options = LiveStream.Options()
    options.sampleRate = rate
    options.startAfterSeconds = active.options.startSeconds ?? limits.startSeconds
    options.isLongText = active.isLongText
    options.isUrgent = active.ticket.priority == .interrupt
    options.onStart = { [wakeup] in wakeup.ring() }
    options.onEnd = { [wakeup] _ in wakeup.ring() }
    let marks = active.tellsWords ? MarkQueue() : nil
    if let marks { options.onMark = { mark, sample in marks.put(mark, sample: sample) } }
    let (number, command) = (active.ticket.request, active.command)
    let (requestOptions, abandonment) = (active.options, active.abandonment)
    (active.ticket.priority == .interrupt ? workers.urgent : workers.starts).add { [inbox, schedule, options] in
      if abandonment.isCancelled { return }
      let result: Result<Inbox.Made, ControlFailure>
      do throws(ControlFailure) {
        let request = if let checked { checked } else { try model.request(command, options: requestOptions) }
        result = .success(
          Inbox.Made(
            request: request, stream: try model.start(request, options: options, schedule: schedule), marks: marks))
      } catch {
        result = .failure(error)
      }
      inbox.put(.started(number, result))
    }
  }
}
