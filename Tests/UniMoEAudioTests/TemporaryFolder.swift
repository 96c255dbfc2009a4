import Foundation

/// A folder that is removed with its contents when the test is over.
final class TemporaryFolder {
  /// Where it is.
  let path: String

  /// Creates it.
  init() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("unimoe-audio-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  func path(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file in it and returns its path.
  @discardableResult func write(_ bytes: some Sequence<UInt8>, as name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }
}
