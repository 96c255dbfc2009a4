/// What the program ends with; the numbers of `sysexits.h` where one fits.
enum ExitStatus: Int32, CaseIterable {
  case success = 0
  case usage = 64
  case badData = 65
  case noInput = 66
  case unavailable = 69
  case software = 70
  case cannotCreate = 73
  case inputOutput = 74
  case interrupted = 130
  case brokenPipe = 141
  case terminated = 143

  /// When the program ends with it, in a few words.
  var meaning: String {
    switch self {
    case .success: "done"
    case .usage: "wrong options or arguments"
    case .badData: "a text, voice, model or audio file is broken or incomplete"
    case .noInput: "an input file, a voice or a model's config.json is missing"
    case .unavailable: "a check by doctor failed, or no daemon is running, has room or can play"
    case .software: "an error in the program itself"
    case .cannotCreate: "an output file cannot be created"
    case .inputOutput: "reading or writing failed, for example on a full disk"
    case .interrupted: "interrupted by Ctrl-C, or the request was cancelled"
    case .brokenPipe: "the reader of the output went away"
    case .terminated: "terminated by another signal"
    }
  }

  /// All of them as lines of a help text.
  static var table: String {
    allCases.map { status in
      let number = String(status.rawValue)
      return "  " + String(repeating: " ", count: 3 - number.count) + number + "  " + status.meaning
    }.joined(separator: "\n")
  }
}
