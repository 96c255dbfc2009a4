import ControlProtocol

/// Answers those who ask for the voices: one listing at a time, made by a worker, for all who asked before it began.
/// Control thread only.
final class VoiceDesk {
  typealias Answer = (Result<[VoiceInfo], ControlFailure>) -> Void

  private let inbox: Inbox
  private let worker: SerialWorker
  /// Who the running listing is for; nil while there is none.
  private var asked: [Answer]?
  /// Who asked since it began.
  private var waiting: [Answer] = []

  init(_ inbox: Inbox) throws(DaemonFailure) {
    self.inbox = inbox
    worker = try SerialWorker("unimoe-voices")
  }

  /// Has the voices listed; `answer` is called with them.
  func list(_ model: any SoundModel, answer: @escaping Answer) {
    waiting.append(answer)
    if asked == nil { begin(model) }
  }

  /// Takes in the voices that the worker found.
  func take(_ result: Result<[VoiceInfo], ControlFailure>, _ model: (any SoundModel)?) {
    let answers = asked ?? []
    asked = nil
    for answer in answers { answer(result) }
    if let model, !waiting.isEmpty { begin(model) }
  }

  /// Answers that the daemon stops.
  func stop() {
    for answer in (asked ?? []) + waiting { answer(.failure(ControlFailure(.stopping, "the daemon stops"))) }
    (asked, waiting) = (nil, [])
  }

  private func begin(_ model: any SoundModel) {
    (asked, waiting) = (waiting, [])
    worker.add { [inbox] in
      let result: Result<[VoiceInfo], ControlFailure>
      do throws(ControlFailure) {
        result = .success(try model.voices())
      } catch {
        result = .failure(error)
      }
      inbox.put(.voices(result))
    }
  }
}
