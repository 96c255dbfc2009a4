import ControlProtocol
import UniMoEAudio

extension ControlFailure {
  /// An engine's error as the protocol says it.
  init(_ error: UniMoEError) {
    self.init(ControlCode(error.kind), error.description)
  }
}

extension ControlCode {
  /// What the protocol calls an engine's error of a kind.
  init(_ kind: UniMoEError.Kind) {
    self =
      switch kind {
      case .request, .audio: .requestRefused
      case .model, .unknownModel: .modelFailed
      case .voice, .unknownVoice, .voiceName: .noSuchVoice
      case .argument, .system, .cancelled: .failed
      }
  }
}
