import DaemonConfiguration
import Posix

/// The daemon's settings: what they are now, and how they are read again, by a worker, as files and users may lie on other
/// machines. Control thread only.
final class Settings {
  private(set) var current: Configuration
  private let sources: ConfigurationSources
  private let worker: SerialWorker
  private let inbox: Inbox
  /// Readings that are not adopted yet.
  private var readings = 0

  /// Settings that were read again, with those whom they admit.
  struct Reading: Sendable {
    var configuration: Configuration
    var admission: Admission
  }

  init(_ configuration: Configuration, sources: ConfigurationSources, inbox: Inbox) throws(DaemonFailure) {
    current = configuration
    self.sources = sources
    self.inbox = inbox
    worker = try SerialWorker("unimoe-settings")
  }

  /// Whether they are being read.
  var isReading: Bool { readings > 0 }

  /// Has them read again; the result comes through the inbox.
  func readAgain() {
    readings += 1
    worker.add { [inbox, sources, current] in
      let result: Result<Reading, ConfigurationError>
      do throws(ConfigurationError) {
        let new = try sources.load()
        result = .success(
          Reading(configuration: new, admission: try Self.admission(new.keepingConstants(of: current))))
      } catch {
        result = .failure(error)
      }
      inbox.put(.settings(result))
    }
  }

  /// Takes over settings that were read again, as far as they can change at run time. Says in the log what changed, what
  /// takes effect later, and what is wrong; returns nil where nothing is taken over.
  func adopt(_ result: Result<Reading, ConfigurationError>, log: DaemonLog) -> Reading? {
    readings -= 1
    switch result {
    case .success(let reading):
      let differences = reading.configuration.differences(from: current)
      for key in differences where !key.isReloadable {
        log.warning(
          "\(reading.configuration[key].origin): \(key.rawValue): takes effect when the daemon is started again")
      }
      current = reading.configuration.keepingConstants(of: current)
      let changed = differences.filter(\.isReloadable).map(\.rawValue)
      log.info("reloaded; " + (changed.isEmpty ? "nothing changed" : "changed: " + changed.joined(separator: ", ")))
      return Reading(configuration: current, admission: reading.admission)
    case .failure(let error):
      log.error("not reloaded: \(error)")
      return nil
    }
  }

  private static func admission(_ configuration: Configuration) throws(ConfigurationError) -> Admission {
    do throws(DaemonFailure) {
      return try Admission(configuration)
    } catch {
      throw ConfigurationError(configuration[.controlUsers].origin, error.message)
    }
  }
}
