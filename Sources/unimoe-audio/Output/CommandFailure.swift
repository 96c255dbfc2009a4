import UniMoEAudio

/// Why a command ends early: one line for a person and a number for a script.
struct CommandFailure: Error {
  var status: ExitStatus
  /// What was wrong and what would be right, without the program's name; empty where nothing is to be said.
  var message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// A failure for an error that any part of the program threw.
  init(_ error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure
    case let error as UniMoEError: self.init(ExitStatus(error.kind), error.description)
    default: self.init(.software, "unexpected error: \(error)")
    }
  }
}

extension ExitStatus {
  /// What an engine error of a kind ends the program with.
  init(_ kind: UniMoEError.Kind) {
    self =
      switch kind {
      case .request, .voiceName: .usage
      case .model, .audio, .voice: .badData
      case .unknownModel, .unknownVoice: .noInput
      case .argument: .software
      case .system: .inputOutput
      case .cancelled: .interrupted
      }
  }
}
