import Glibc
import Posix
import UniMoEAudio

/// A file of notes that a user names.
enum ScoreFile {
  /// Reads a MIDI file or a score's JSON; one that is not there is a missing input.
  static func read(_ path: String) throws -> Score {
    guard access(path, R_OK) == 0 else {
      throw CommandFailure(.noInput, "\(path): cannot read: \(SystemError.last)")
    }
    return try Score(contentsOf: path)
  }
}
