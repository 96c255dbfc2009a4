import Testing
import UniMoEAudio

@testable import unimoe_audio

@Suite struct ExitStatusTests {
  @Test(arguments: UniMoEError.Kind.allCases) func anEnginesErrorHasTheStatusOfItsKind(_ kind: UniMoEError.Kind) {
    let expected: unimoe_audio.ExitStatus =
      switch kind {
      case .request, .voiceName: .usage
      case .model, .audio, .voice: .badData
      case .unknownModel, .unknownVoice: .noInput
      case .system: .inputOutput
      case .cancelled: .interrupted
      case .argument: .software
      }
    #expect(CommandFailure(UniMoEError(kind, "voice", "wrong")).status == expected)
  }
}
