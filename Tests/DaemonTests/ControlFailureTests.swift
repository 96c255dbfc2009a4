import ControlProtocol
import Testing
import UniMoEAudio

@testable import unimoe_audiod

@Suite struct ControlFailureTests {
  /// Whose fault it is decides the number: a client mends its request, but not the machine or the model.
  @Test(arguments: UniMoEError.Kind.allCases) func anEnginesErrorHasTheNumberOfItsKind(_ kind: UniMoEError.Kind) {
    let expected: ControlCode =
      switch kind {
      case .request, .audio: .requestRefused
      case .model, .unknownModel: .modelFailed
      case .voice, .unknownVoice, .voiceName: .noSuchVoice
      case .argument, .system, .cancelled: .failed
      }
    let failure = ControlFailure(UniMoEError(kind, "argument", field: "text", "too long"))
    #expect(failure == ControlFailure(expected, "argument: text: too long"))
  }
}
