import Glibc
import UniMoEAudio

/// One line on the terminal that says how far a batch is: seconds of audio, speed, time left.
final class ProgressBar: GenerationObserver {
  private let verb: String
  private let codeRate: Double
  private let style = TextStyle(isTerminal: true)
  private let start = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?
  private var isShown = false
  private var latest: [Int: GenerationProgress] = [:]
  private var finishedFrames = 0
  private var requestsLeft: Int

  /// A bar for a number of requests that are made in one or several batches, or `nil` where nobody would see it.
  ///
  /// `codeRate` is code frames per second of audio.
  init?(verb: String, codeRate: Double, requests: Int, isQuiet: Bool) {
    guard !isQuiet, StandardStreams.errorIsTerminal else { return nil }
    self.verb = verb
    self.codeRate = codeRate
    requestsLeft = requests
  }

  func request(_ index: Int, progressed progress: GenerationProgress) {
    latest[index] = progress
    let now = ContinuousClock.now
    if let lastDrawn, now - lastDrawn < .milliseconds(100) { return }
    lastDrawn = now
    draw(after: now - start)
  }

  /// Counts a batch as done; the next one starts with index 0 again.
  func finishBatch() {
    finishedFrames += latest.values.reduce(0) { $0 + $1.codeFramesDone }
    requestsLeft -= latest.count
    latest = [:]
  }

  /// Takes the line away.
  func clear() {
    if isShown { StandardStreams.complain("\r\u{1B}[K") }
    isShown = false
  }

  private func draw(after elapsed: Duration) {
    isShown = true
    StandardStreams.complain("\r" + line(after: elapsed / .seconds(1), columns: Self.columns) + "\u{1B}[K")
  }

  private func line(after elapsed: Double, columns: Int) -> String {
    let state = ProgressState(
      batch: Array(latest.values), finishedFrames: finishedFrames,
      requestsAfterBatch: max(0, requestsLeft - latest.count))
    let head = " \(verb) "
    guard state.done > 0 else { return head + style.dim("reading the prompt") }
    let seconds = Double(state.done) / codeRate
    let left = elapsed / Double(state.done) * Double(state.expected - state.done)
    let tail =
      " \(Figure.seconds(seconds)) of at most \(Figure.seconds(Double(state.expected) / codeRate))"
      + "  \(Figure.factor(seconds / elapsed)) real time  \(Figure.duration(left)) left"
    let width = min(40, columns - head.count - tail.count - 2)
    guard width >= 8 else { return String((head + tail).prefix(columns - 1)) }
    return head + bar(width: width, share: state.share) + tail
  }

  private func bar(width: Int, share: Double) -> String {
    let filled = Int(Double(width) * share)
    let (full, empty) = style.isUnicode ? ("━", "─") : ("#", "-")
    return style.cyan(String(repeating: full, count: filled))
      + style.dim(String(repeating: empty, count: width - filled))
  }

  private static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}

/// How far several requests are together, in code frames.
struct ProgressState {
  /// Code frames made so far.
  let done: Int
  /// Code frames that all requests will take at the most.
  let expected: Int

  /// Sums up a running batch, the batches before it and the requests after it, which are taken to be alike.
  init(batch: [GenerationProgress], finishedFrames: Int, requestsAfterBatch: Int) {
    let running = batch.reduce(0) { $0 + $1.codeFramesExpected }
    done = finishedFrames + batch.reduce(0) { $0 + $1.codeFramesDone }
    expected = max(done, finishedFrames + running + requestsAfterBatch * running / max(1, batch.count))
  }

  /// Part that is done, 0...1.
  var share: Double { expected == 0 ? 0 : min(1, Double(done) / Double(expected)) }
}
