import Cjack
import Glibc

/// Why a client could not be opened: this module's reading of libjack's status and messages, which call most failures
/// "server error".
struct OpeningFailure: Error, Equatable, CustomStringConvertible {
  enum Reason {
    /// No server runs under the name.
    case noServer
    /// The server has a client of this name.
    case nameTaken
    /// Anything else.
    case other
  }

  let reason: Reason
  /// One line.
  let description: String

  init(_ reason: Reason, _ description: String) {
    self.reason = reason
    self.description = description
  }

  static func nameTaken(_ name: String) -> OpeningFailure {
    OpeningFailure(.nameTaken, "the server has a client \"\(name)\" already; one of the two needs another name")
  }

  /// Reads what `jack_client_open` left behind.
  ///
  /// - Parameters:
  ///   - status: The status that it returned.
  ///   - messages: The lines that libjack reported meanwhile.
  init(status: JackStatus, messages: [String], client: String, server: String?) {
    // What follows the first line are the library's troubles in getting out again.
    let line = messages.first { !$0.hasPrefix("JackShmReadWritePtr") }
    let detail = line.map { ": " + $0.split(whereSeparator: \.isNewline).joined(separator: " ") } ?? ""
    let has = { (flag: JackStatus) in status.rawValue & flag.rawValue != 0 }
    // jack2 says only in words that the name is taken.
    if has(JackNameNotUnique) || line?.contains("another running client") == true {
      self = .nameTaken(client)
    } else if has(JackServerFailed) {
      let kind = JACKLibrary.isPipeWire ? "no PipeWire server" : "no server"
      self.init(.noServer, "\(kind) \"\(server ?? Self.usualServer)\"\(detail)")
    } else if has(JackVersionError) {
      self.init(.other, "the server speaks another version of JACK's protocol than this program's libjack\(detail)")
    } else if has(JackShmFailure) {
      self.init(.other, "the server's shared memory cannot be reached\(detail)")
    } else {
      self.init(.other, "the server refused the client\(line == nil ? ", status \(status.rawValue)" : detail)")
    }
  }

  /// The server that libjack looks for where none is named.
  private static var usualServer: String {
    let variable = JACKLibrary.isPipeWire ? "PIPEWIRE_REMOTE" : "JACK_DEFAULT_SERVER"
    guard let name = getenv(variable), name.pointee != 0 else {
      return JACKLibrary.isPipeWire ? "pipewire-0" : "default"
    }
    return String(cString: name)
  }
}
