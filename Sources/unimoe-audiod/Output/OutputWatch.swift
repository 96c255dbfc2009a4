import ControlProtocol
import Posix

/// Turns what an output counts into lines for the log, few of them.
struct OutputWatch {
  /// A line, and how important it is.
  struct Finding: Equatable {
    var level: DaemonLog.Level
    var line: String
  }

  /// How often the counts are looked at.
  static let interval = Duration.seconds(1)

  private var seen: OutputStatus?
  private var lookedAt: Duration = .zero
  private var lateCycles = LineLimit()
  private var xruns = LineLimit()
  private var timeouts = LineLimit()

  /// What went wrong since the last look; nothing if that is less than a second ago.
  mutating func findings(of output: any AudioOutput, now: Duration = MonotonicClock.now) -> [Finding] {
    guard now - lookedAt >= Self.interval else { return [] }
    lookedAt = now
    return findings(output.status, now: now)
  }

  /// What went wrong since the last status and is to be said now.
  mutating func findings(_ status: OutputStatus, now: Duration) -> [Finding] {
    let before = seen ?? OutputStatus(kind: status.kind, isRunning: false, sampleRate: nil, bufferSize: nil)
    seen = status
    var findings: [Finding] = []
    let late = status.lateCycles - before.lateCycles
    if let count = lateCycles.count(late, now: now) {
      findings.append(Finding(level: .warning, line: "JACK: this client was late in \(Self.count(count, "cycle"))"))
    }
    if let count = xruns.count(max(0, status.xruns - before.xruns - late), now: now) {
      findings.append(Finding(level: .info, line: "JACK: \(Self.count(count, "xrun")), not of this client's making"))
    }
    if let count = timeouts.count(status.freewheelTimeouts - before.freewheelTimeouts, now: now) {
      let line = "JACK: the export has a gap: \(Self.count(count, "cycle")) waited for sound in vain"
      findings.append(Finding(level: .warning, line: line))
    }
    return findings
  }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
