import ControlProtocol
import DaemonConfiguration
import Foundation
import UniMoEAudio

@testable import unimoe_audiod

/// The daemon on a thread of the tests' own process, with an engine that can be held in each of its phases.
final class HeldDaemon {
  let model: HeldModel
  /// Stops the loading of the model.
  let loading = Door()
  let folder: URL
  private let wakeup: Wakeup
  private let logFile: URL
  private let isOver = DispatchSemaphore(value: 0)

  /// The control socket's path.
  var socket: String { folder.appendingPathComponent("control").path }
  /// What the daemon's log says so far.
  var lines: String { (try? String(contentsOf: logFile, encoding: .utf8)) ?? "" }

  /// Starts a daemon that makes sound and drops it; `settings` are lines of its configuration file.
  init(settings: String = "", notifySocket: String? = nil, holdsLoading: Bool = false) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("held-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    logFile = folder.appendingPathComponent("log")
    model = try HeldModel()
    if holdsLoading { loading.close() }
    wakeup = try Wakeup()
    let sources = ConfigurationSources(
      folders: [folder.path],
      options: [
        ("model.directory", DaemonProcess.randomModel, "test"), ("jack.enabled", "false", "test"),
        ("control.socket", socket, "test"),
      ])
    try configure(settings)
    let configuration = try sources.load()
    let log = try DaemonLog(
      level: .debug, isJournal: false, descriptor: open(logFile.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
    let manager = ServiceManager(environment: notifySocket.map { ["NOTIFY_SOCKET": $0] } ?? [:])
    try Background.run("held-daemon") { [wakeup, loading, model, isOver] in
      do {
        try Daemon(
          configuration, sources: sources, log: log, manager: manager, wakeup: wakeup, environment: [:]
        ) { (_, _) throws(UniMoEError) in
          loading.pass()
          return model
        }.run()
      } catch {
        log.error("\(error)")
      }
      log.finish(patience: .seconds(1))
      isOver.signal()
    }
    try wait(for: "the control socket") { FileManager.default.fileExists(atPath: socket) }
  }

  deinit {
    loading.open()
    model.openAll()
    wakeup.raise(.stop)
    _ = isOver.wait(timeout: .now() + 20)
    try? FileManager.default.removeItem(at: folder)
  }

  /// Writes the configuration file.
  func configure(_ text: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(ConfigurationSources.fileName))
  }

  /// Does what a signal does.
  func raise(_ signal: Wakeup.Signals) { wakeup.raise(signal) }

  /// Connects a client: a socket that is there listens.
  func connect() throws -> ControlClient { try ControlClient(path: socket, name: "test") }

  /// Waits until a condition holds.
  func wait(for what: String, seconds: Double = 60, until condition: () -> Bool) throws {
    let start = Date()
    while !condition() {
      if Date().timeIntervalSince(start) > seconds {
        throw DaemonProcess.Failure(text: "waited in vain for \(what); log:\n\(lines)")
      }
      usleep(2000)
    }
  }
}
