import ControlProtocol

/// The output ports: speech first, then music, in JACK's order.
struct PortNames {
  /// The short names, `speech_1`.
  let names: [String]
  /// What patch bays show, `Speech 1`.
  let prettyNames: [String]
  private let speechCount: Int

  init(speech: Int, music: Int) {
    names = (0..<speech).map { "speech_\($0 + 1)" } + (0..<music).map { "music_\($0 + 1)" }
    prettyNames = (0..<speech).map { "Speech \($0 + 1)" } + (0..<music).map { "Music \($0 + 1)" }
    speechCount = speech
  }

  /// The index of the port that a command names; of the first of its kind without a name.
  func index(of name: String?, for command: CommandName) throws(ControlFailure) -> Int {
    let range = command == .speak ? 0..<speechCount : speechCount..<names.count
    guard let name else { return range.lowerBound }
    if let index = range.first(where: { names[$0] == name }) { return index }
    let known = range.map { names[$0] }.joined(separator: ", ")
    throw ControlFailure(.noSuchPort, "port: expected one of \(known), found another name")
  }

  /// Whether a port plays speech.
  func isSpeech(_ index: Int) -> Bool { index < speechCount }
}
