import ArgumentParser
import UniMoEAudio

/// Whether this machine is set up well, and what to do where it is not.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check this machine: processor, memory, libraries, limits, model.",
    discussion: """
      Each line says ok, warn or fail; a warning or failure is followed by what to
      do about it. The exit code is 69 if a check failed.

      EXAMPLES
        unimoe-audio doctor
        unimoe-audio doctor --json | jq '.checks[] | select(.state != "ok")'
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    let options = try common.engineOptions()
    let checks = MachineChecks(threads: options.threads).all + ModelChecks(model: common.model).all
    if common.json {
      try JSONLine.print(Facts(checks: checks))
    } else {
      let style = TextStyle(isTerminal: StandardStreams.outputIsTerminal)
      try StandardStreams.write(checks.map { $0.text(style: style) }.joined())
    }
    if checks.contains(where: { $0.state == .fail }) { throw CommandFailure(.unavailable, "") }
  }

  private struct Facts: Encodable { let checks: [Check] }
}

/// One thing that was looked at.
struct Check: Encodable, Equatable {
  /// How it stands.
  enum State: String, Encodable { case ok, warn, fail }

  var name: String
  var state: State
  /// What was found.
  var found: String
  /// What to do about it; `nil` where all is well.
  var fix: String?

  /// The check as one line, and one more with the fix.
  func text(style: TextStyle) -> String {
    let mark =
      switch state {
      case .ok: style.green("ok  ")
      case .warn: style.yellow("warn")
      case .fail: style.red("fail")
      }
    let name = name + String(repeating: " ", count: max(1, 16 - name.count))
    let line = "\(mark)  \(style.bold(name))\(found)\n"
    return fix.map { line + String(repeating: " ", count: 22) + style.dim("fix: ") + $0 + "\n" } ?? line
  }
}
