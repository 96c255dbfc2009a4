import Foundation

@testable import UniMoEAudio

/// The golden fixtures: files with outputs of the reference implementation (Tests/Reference/README.md).
enum ReferenceFixtures {
  /// The folder: `UNIMOE_REFERENCE_DIR` if that is set, else the one in the repository.
  static let directory: String = {
    if let path = ProcessInfo.processInfo.environment["UNIMOE_REFERENCE_DIR"], !path.isEmpty { return path }
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return tests.appendingPathComponent("Reference").path
  }()

  /// The path of a file or folder in it.
  static func path(_ name: String) -> String { "\(directory)/\(name)" }

  /// The model checkpoint.
  static var model: String { path("tiny-model") }
  /// The codec's folder: `config.json`, `model.safetensors`, `weights.pth`.
  static var codec: String { path("dac-tiny") }

  /// Decodes a JSON file of it.
  static func json<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// A JSON file of it as dictionaries and arrays, for parameters that differ from case to case.
  static func jsonObject(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path(name)))
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  /// The arrays of a safetensors file of it; `name` without the extension.
  static func arrays(_ name: String) throws -> FixtureArrays {
    FixtureArrays(store: try TensorStore(safetensors: path("\(name).safetensors")))
  }
}

/// Arrays of one fixture file.
struct FixtureArrays {
  /// The tensors as stored.
  let store: TensorStore

  /// The shape of an array.
  func shape(_ name: String) throws -> [Int] { try tensor(name).shape }
  /// The numbers of a float array, row-major.
  func floats(_ name: String) throws -> [Float] { try tensor(name).floats() }
  /// The numbers of an integer array, row-major.
  func integers(_ name: String) throws -> [Int32] { try tensor(name).integers() }
  /// Whether the file has an array.
  func has(_ name: String) -> Bool { store[name] != nil }

  private func tensor(_ name: String) throws -> Tensor {
    guard let tensor = store[name] else { throw UniMoEError(.model, store.path, field: name, "no such array") }
    return tensor
  }
}

/// The largest distance between two arrays of one length; infinite where the lengths or the infinities differ.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  guard a.count == b.count else { return .infinity }
  var largest: Float = 0
  for (x, y) in zip(a, b) where x != y {
    let distance = abs(x - y)
    largest = distance.isNaN ? .infinity : max(largest, distance)
  }
  return largest
}
