import ControlProtocol
import DaemonConfiguration
import LiveStream
import Synchronization
import UniMoEAudio

/// What other threads found out for the control thread, which is woken for it. Thread: any.
final class Inbox: Sendable {
  /// Something found out.
  enum Finding: Sendable {
    /// The engine's request for the command of a request that was asked for, or what is wrong with it.
    case checked(Int, Result<Request, ControlFailure>)
    /// A request is being made, or cannot be.
    case started(Int, Result<Made, ControlFailure>)
    /// The voices.
    case voices(Result<[VoiceInfo], ControlFailure>)
    /// The settings as they are now, with those whom they admit.
    case settings(Result<Settings.Reading, ConfigurationError>)
    /// The model, or why it cannot be used.
    case model(Result<any SoundModel, UniMoEError>)
  }

  /// A request that is being made.
  struct Made: Sendable {
    var request: Request
    var stream: LiveStream
    var marks: MarkQueue?
  }

  private let findings = Mutex<[Finding]>([])
  private let wakeup: Wakeup

  init(_ wakeup: Wakeup) { self.wakeup = wakeup }

  /// Puts a finding in. Never waits.
  func put(_ finding: Finding) {
    findings.withLock { $0.append(finding) }
    wakeup.ring()
  }

  /// Takes out what came, the oldest first.
  func take() -> [Finding] {
    findings.withLock { findings in
      defer { findings = [] }
      return findings
    }
  }
}
