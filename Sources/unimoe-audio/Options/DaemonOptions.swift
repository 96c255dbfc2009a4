import ArgumentParser

/// What every command to the daemon takes.
struct DaemonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The daemon's control socket; without it UNIMOE_AUDIO_SOCKET, the user's daemon or the machine's.",
      valueName: "path"), completion: .file())
  var socket: String?

  @Flag(name: .long, help: "Print what the daemon sends, one line of JSON each, on standard output.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print neither progress nor a summary.")
  var quiet = false
}
