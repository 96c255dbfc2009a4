import Testing

@testable import unimoe_audio

@Test func commandIsNamedAsInstalled() {
  #expect(UniMoEAudioCommand.configuration.commandName == "unimoe-audio")
}
