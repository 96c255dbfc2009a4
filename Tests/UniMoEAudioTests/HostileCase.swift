import Testing

@testable import UniMoEAudio

/// A broken file and the error that it must give.
struct HostileCase: CustomTestStringConvertible, Sendable {
  /// What is wrong, in words.
  let name: String
  /// The file's contents.
  let bytes: [UInt8]
  /// The error after the file's path.
  let expected: String

  /// A case of arbitrary bytes.
  init(_ name: String, _ bytes: [UInt8], _ expected: String) {
    self.name = name
    self.bytes = bytes
    self.expected = expected
  }

  /// A case of a text file.
  init(_ name: String, text: String, _ expected: String) { self.init(name, Array(text.utf8), expected) }

  var testDescription: String { name }

  /// Writes the file into a folder of its own and opens it; returns the error after the file's path, nil without one.
  func message(
    fileName: String = "file", opening open: (_ path: String, _ folder: String) throws -> Void
  ) throws -> String? {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, as: fileName)
    do {
      try open(path, folder.path)
      return nil
    } catch let error as UniMoEError {
      let prefix = "\(path): "
      let text = error.description
      return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
    }
  }
}

/// Little-endian bytes of an integer.
func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
