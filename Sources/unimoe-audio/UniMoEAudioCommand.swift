import ArgumentParser

@main
struct UniMoEAudioCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unimoe-audio",
    abstract: "Speech and music from text.")
}
