import Glibc
import Posix

/// A program of the system that plays WAV from its standard input.
struct Player: Equatable {
  /// What it is called.
  let name: String
  /// Its arguments.
  let arguments: [String]

  /// The programs that are looked for, the best first: of ALSA, through which PipeWire and PulseAudio play too, of SoX, of
  /// FFmpeg.
  private static let known = [
    Player(name: "aplay", arguments: ["-q", "-"]),
    Player(name: "play", arguments: ["-q", "-t", "wav", "-"]),
    Player(name: "ffplay", arguments: ["-nodisp", "-autoexit", "-loglevel", "error", "-"]),
  ]

  /// The first of them that is installed.
  static func find() throws -> Player {
    let folders = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":")
    for player in known where folders.contains(where: { access("\($0)/\(player.name)", X_OK) == 0 }) { return player }
    throw CommandFailure(
      .unavailable,
      "--play: expected one of \(known.map(\.name).joined(separator: ", ")), found none: install alsa-utils")
  }

  /// Starts it, has `body` write to it, and waits until all was played. A player that ends with an error is told of,
  /// whatever `body` threw because of that.
  func run(_ body: (Int32) throws -> Void) throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw CommandFailure(.inputOutput, "--play: no pipe: \(SystemError.last)") }
    // The player must not hold the end that is written to, or it would never see the other one's close.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let process: pid_t
    do {
      defer { close(ends[0]) }
      process = try start(reading: ends[0])
    } catch {
      close(ends[1])
      throw error
    }
    let outcome = Result { try body(ends[1]) }
    close(ends[1])
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    // A player that the same Ctrl-C ended is no news.
    let isExit = status & 0x7f == 0
    if isExit, status != 0 {
      throw CommandFailure(.unavailable, "\(name): cannot play: it ended with status \(status >> 8 & 0xff)")
    }
    try outcome.get()
  }

  private func start(reading descriptor: Int32) throws -> pid_t {
    var files = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&files)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&files)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&files, descriptor, STDIN_FILENO)
    // Signals that this program takes by a thread are blocked here; the player's Ctrl-C is its own.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var words: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let problem = posix_spawnp(&process, name, &files, &attributes, &words, environ)
    guard problem == 0 else {
      throw CommandFailure(.unavailable, "\(name): cannot be started: \(SystemError(number: problem))")
    }
    return process
  }
}
