import AudioRing
import ControlProtocol
import Posix

/// Turns what an output counts into lines for the log, a few at a time.
struct OutputWatch {
  /// How often the counts are looked at.
  static let interval = Duration.seconds(1)

  private var seen: OutputStatus?
  private var lookedAt: Duration = .zero

  /// The troubles since the last look, one line each; none if that is less than a second ago.
  mutating func troubles(of output: any AudioOutput, now: Duration = MonotonicClock.now) -> [String] {
    guard now - lookedAt >= Self.interval else { return [] }
    lookedAt = now
    return troubles(output.status)
  }

  /// What went wrong since the last status, one line each.
  mutating func troubles(_ status: OutputStatus) -> [String] {
    let before = seen ?? OutputStatus(kind: status.kind, isRunning: false, sampleRate: nil, bufferSize: nil)
    seen = status
    var lines: [String] = []
    let xruns = status.xruns - before.xruns
    let late = status.lateCycles - before.lateCycles
    if xruns > 0 || late > 0 {
      lines.append("JACK: \(Self.count(xruns, "xrun")); this client was late in \(Self.count(late, "cycle"))")
    }
    let timeouts = status.freewheelTimeouts - before.freewheelTimeouts
    if timeouts > 0 {
      lines.append("JACK: the export has a gap: \(Self.count(timeouts, "cycle")) waited for sound in vain")
    }
    return lines
  }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
