import Glibc
import Posix
import UniMoEAudio

/// A sound file that a command reads: one on disk, or one that comes through a pipe.
struct Recording {
  /// The file's name in messages.
  let name: String
  private let path: String

  /// The most bytes that are taken from a pipe: the longest recording in the widest of usual formats.
  private static let byteLimit = 256 << 20
  /// Beyond the longest voice by a little, so that the error is the one that says both ends.
  private static let limits = AudioFile.Limits(seconds: Voice.recordingSeconds.upperBound + 60)

  /// Takes a path, `-` for standard input, and makes sure that it can be read.
  init(path: String) throws {
    self.path = path
    name = path == "-" ? "standard input" : path
    if path == "-" {
      guard !StandardStreams.inputIsTerminal else {
        throw CommandFailure(
          .usage, "--audio: - reads a recording from standard input: redirect it from a file or a program")
      }
    } else if access(path, R_OK) != 0 {
      throw CommandFailure(.noInput, "\(path): cannot read: \(SystemError.last)")
    }
  }

  /// Reads the sound.
  func clip(cancellation: Cancellation) throws -> AudioClip {
    guard path == "-" || isPipe else {
      return try AudioFile.read(path, limits: Self.limits, cancellation: cancellation)
    }
    let bytes = try InputBytes.read(path, named: name, limit: Self.byteLimit, of: "sound", cancellation: cancellation)
    return try bytes.withUnsafeBytes {
      try AudioFile.read(bytes: $0, name: name, limits: Self.limits, cancellation: cancellation)
    }
  }

  private var isPipe: Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }
}
