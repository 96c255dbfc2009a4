import AudioRing
import LiveStream
import UniMoEAudio

/// Streams on a virtual machine, and an audio thread that plays each as soon as its gate opens. The calling thread is
/// one of the machine's.
final class VirtualStage {
  /// What happened to one stream.
  struct Part {
    let stream: LiveStream
    let begin: Double
    /// When playing began, and when all had been played: seconds after `begin`.
    var firstSample: Double?
    var lastSample: Double?
    /// Seconds of sound that had been made when playing began.
    var madeAtFirstSample = 0.0
    var makesWay = false

    var underruns: Int { stream.ring.underruns }
  }

  /// Seconds of an audio thread's period.
  private static let period = 0.01

  let machine = VirtualMachine()
  private(set) var parts: [Part] = []

  init() { machine.join() }

  deinit { machine.leave() }

  /// Starts a stream.
  @discardableResult
  func start(
    _ maker: any SoundMaker, _ schedule: StreamSchedule, _ request: Request = Request(.music(caption: "silence")),
    options: LiveStream.Options = .init()
  ) throws -> Int {
    var options = options
    let machine = machine
    options.onEnd = { _ in machine.leave() }
    machine.join()
    let stream = try LiveStream(maker: maker, request, options: options, schedule: schedule)
    parts.append(Part(stream: stream, begin: machine.seconds))
    return parts.count - 1
  }

  /// Plays for some seconds, or until everything was played.
  func play(seconds: Double = .infinity) {
    let end = machine.seconds + seconds
    while machine.seconds < end, parts.contains(where: { !$0.stream.ring.reader.isAtEnd }) {
      machine.sleep(seconds: Self.period)
      for index in parts.indices { playPeriod(of: index) }
    }
  }

  private func playPeriod(of index: Int) {
    let stream = parts[index].stream
    let state = stream.state
    if state.makesWay { parts[index].makesWay = true }
    guard state.isStarted, !stream.ring.reader.isAtEnd else { return }
    let count = Int(Self.period * Double(stream.sampleRate))
    var samples = [Float](repeating: 0, count: count)
    let real = stream.ring.reader.read(into: &samples, count: count)
    if parts[index].firstSample == nil, real > 0 {
      parts[index].firstSample = machine.seconds - parts[index].begin
      parts[index].madeAtFirstSample = Double(state.producedSamples) / Double(stream.sampleRate)
    }
    if stream.ring.reader.isAtEnd { parts[index].lastSample = machine.seconds - parts[index].begin }
  }
}
