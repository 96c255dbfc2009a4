import ControlProtocol
import Foundation
import LiveStream
import Synchronization
import UniMoEAudio

@testable import unimoe_audiod

/// A door that stops whoever comes to it, until it is opened.
final class Door: Sendable {
  private struct State {
    var isClosed = false
    var waiting = 0
  }

  private let state = Mutex(State())

  func close() { state.withLock { $0.isClosed = true } }
  func open() { state.withLock { $0.isClosed = false } }
  /// How many stand before it.
  var waiting: Int { state.withLock { $0.waiting } }

  /// Passes, or waits until the door is opened.
  func pass() {
    guard state.withLock({ $0.isClosed }) else { return }
    state.withLock { $0.waiting += 1 }
    while state.withLock({ $0.isClosed }) { usleep(500) }
    state.withLock { $0.waiting -= 1 }
  }

  /// Waits until somebody stands before it; returns false if nobody comes.
  func waitForVisitor(seconds: Double = 60) -> Bool {
    let deadline = Date().addingTimeInterval(seconds)
    while waiting == 0 {
      if Date() > deadline { return false }
      usleep(500)
    }
    return true
  }
}

/// The real engine behind doors: a request stays in a phase for as long as the phase's door is closed. With `onlyText`
/// the doors of the phases are for requests of that text alone.
final class HeldModel: SoundModel {
  let checking = Door()
  let starting = Door()
  let listing = Door()
  /// By the phase that generation reports.
  let phases: [GenerationProgress.Phase: Door] = [.prefill: Door(), .generate: Door(), .decode: Door()]
  let onlyText = Mutex<String?>(nil)
  /// The streams that were started.
  let streams = Mutex<[LiveStream]>([])
  private let model: any SoundModel

  init(_ model: any SoundModel) { self.model = model }

  /// The random model, loaded once for all tests.
  static let engine = Result { () throws(UniMoEError) -> any SoundModel in
    try LoadedModel.load(DaemonProcess.randomModel, options: Engine.Options())
  }

  convenience init() throws { self.init(try Self.engine.get()) }

  func request(_ command: ControlCommand, options: RequestOptions) throws(ControlFailure) -> Request {
    checking.pass()
    return try model.request(command, options: options)
  }

  func start(
    _ request: Request, options: LiveStream.Options, schedule: StreamSchedule
  ) throws(ControlFailure) -> LiveStream {
    starting.pass()
    var options = options
    let isHeld = onlyText.withLock { $0.map { $0 == request.text } ?? true }
    options.onProgress = { [phases, onProgress = options.onProgress] progress in
      onProgress?(progress)
      if isHeld { phases[progress.phase]?.pass() }
    }
    let stream = try model.start(request, options: options, schedule: schedule)
    streams.withLock { $0.append(stream) }
    return stream
  }

  func voices() throws(ControlFailure) -> [VoiceInfo] {
    listing.pass()
    return try model.voices()
  }

  func openAll() {
    for door in [checking, starting, listing] + Array(phases.values) { door.open() }
  }
}

extension Request {
  /// What is to be said, or what describes the music.
  fileprivate var text: String {
    switch content {
    case .speech(let text, _): text
    case .music(let caption): caption
    }
  }
}
