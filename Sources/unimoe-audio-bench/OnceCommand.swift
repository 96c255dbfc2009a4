import ArgumentParser
import Foundation
import UniMoEAudio

/// A short life of the engine, for start-up time and memory: says when the first step is done and what was resident.
struct OnceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "once", abstract: "Open a model, run one step, then some more; for start-up time and peak memory.",
    shouldDisplay: false)

  @Argument(help: "The checkpoint directory.")
  var model: String

  func run() throws {
    let decoder = try DecoderBenchmark(modelDirectory: model)
    try decoder.prepareSteps(requests: 1, context: 32, steps: 1)
    _ = try decoder.runSteps()
    write("first step")
    try decoder.prepareSteps(requests: 1, context: 128, steps: 32)
    _ = try decoder.runSteps()
    write(String(decoding: try JSONEncoder().encode(ProcessMemory.current()), as: UTF8.self))
  }

  private func write(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }
}

/// Kilobytes that a process holds.
struct ProcessMemory: Codable {
  /// The most that was ever resident, pages of mapped files included.
  var peak: Double
  /// What is resident and of no file.
  var anonymous: Double

  /// This process's.
  static func current() throws -> ProcessMemory {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    func value(_ key: String) -> Double {
      let line = status.split(separator: "\n").first { $0.hasPrefix(key + ":") } ?? ""
      return Double(line.filter(\.isNumber)) ?? 0
    }
    return ProcessMemory(peak: value("VmHWM"), anonymous: value("RssAnon"))
  }
}
