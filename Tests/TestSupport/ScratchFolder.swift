import Foundation

/// A folder that vanishes with the test.
package final class ScratchFolder {
  /// Where it is.
  package let path: String

  /// Creates it.
  package init() throws {
    path = NSTemporaryDirectory() + "/unimoe-audio-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// All names in it, hidden ones too.
  package var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}
