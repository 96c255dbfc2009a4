import Foundation

/// The Python process that does the same work: one JSON request and one JSON answer per line.
final class PyTorchWorker {
  /// PyTorch's version.
  private(set) var version = ""

  private let process = Process()
  private let requests = Pipe()
  private let answers = Pipe()
  private var rest = Data()

  /// Starts the process with a number of threads; `nil` if there is no Python with PyTorch.
  init?(python: String, script: String, threads: Int, clock: String) {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python, script]
    process.standardInput = requests
    process.standardOutput = answers
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil, let about = try? ask("about", ["threads": threads, "clock": clock]) else {
      return nil
    }
    version = about["version"] as? String ?? ""
  }

  deinit {
    requests.fileHandleForWriting.closeFile()
    process.waitUntilExit()
  }

  /// Sends a request and waits for its answer.
  ///
  /// Throws if the process is gone or says that the request failed.
  @discardableResult
  func ask(_ operation: String, _ arguments: [String: Any] = [:]) throws -> [String: Any] {
    var request = arguments
    request["op"] = operation
    var line = try JSONSerialization.data(withJSONObject: request)
    line.append(UInt8(ascii: "\n"))
    try requests.fileHandleForWriting.write(contentsOf: line)
    let answer = try JSONSerialization.jsonObject(with: readLine()) as? [String: Any] ?? [:]
    if let error = answer["error"] as? String { throw BenchFailure("PyTorch: \(operation): \(error)") }
    return answer
  }

  /// Sends a request that measures something; the seconds that it took.
  func measure(_ operation: String, _ arguments: [String: Any] = [:]) throws -> Double {
    guard let seconds = try ask(operation, arguments)["seconds"] as? Double else {
      throw BenchFailure("PyTorch: \(operation): no seconds in the answer")
    }
    return seconds
  }

  /// Sends a request to write float32 values to a temporary file, and reads them.
  func floats(_ operation: String, _ arguments: [String: Any] = [:]) throws -> [Float] {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).f32")
    defer { try? FileManager.default.removeItem(at: url) }
    try ask(operation, arguments.merging(["path": url.path]) { $1 })
    return try Data(contentsOf: url).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }

  private func readLine() throws -> Data {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        defer { rest = Data(rest[rest.index(after: end)...]) }
        return Data(rest[..<end])
      }
      let more = answers.fileHandleForReading.availableData
      if more.isEmpty { throw BenchFailure("PyTorch: the worker ended") }
      rest += more
    }
  }
}

/// Why a measurement could not be made.
struct BenchFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
