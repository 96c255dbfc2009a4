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

  /// Writes the file into a folder of its own, opens it, and compares the error.
  func check(fileName: String = "file", opening open: (_ path: String, _ folder: String) throws -> Void) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, as: fileName)
    let error = #expect(throws: UniMoEError.self) { try open(path, folder.path) }
    #expect(error?.description == "\(path): \(expected)")
    #expect(error?.description.utf8.contains(0x0a) == false)
  }
}

/// Little-endian bytes of an integer.
func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
