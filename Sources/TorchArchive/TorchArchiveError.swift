/// What is wrong with a torch file.
public struct TorchArchiveError: Error, Equatable, Sendable {
  /// The entry, tensor or key that is wrong, as the file spells it; empty where the whole file is meant.
  public let part: String
  /// The problem, as "expected X, found Y" where something was compared; may hold text of the file as it is there.
  public let problem: String

  init(_ part: String = "", _ problem: String) {
    self.part = part
    self.problem = problem
  }

  init(_ part: String = "", expected: String, found: String) {
    self.init(part, "expected \(expected), found \(found)")
  }
}

/// Text of a file between quotation marks.
func quoted(_ text: String) -> String { "\"\(text)\"" }
