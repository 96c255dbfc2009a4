import Foundation

/// Start-up time and peak memory: whole processes from start to first step, and on.
struct ShortLife {
  let model: String
  let precision: String
  let rounds: Int

  private struct Figures {
    var firstStep = Double.infinity
    var memory = ProcessMemory(peak: .infinity, anonymous: .infinity)
  }

  /// Rows for two commands that print a line after the first step and a line of JSON at their end.
  func rows(engine: [String], pytorch: [String]?) throws -> [Row] {
    var ours = Figures()
    var theirs = Figures()
    for _ in 0..<max(1, rounds) {
      try live(engine, &ours)
      if let pytorch { try live(pytorch, &theirs) }
    }
    func row(_ work: String, _ unit: String, _ figure: (Figures) -> Double) -> Row {
      Row(
        model: model, precision: precision, work: work, unit: unit, lessIsBetter: true, engine: figure(ours),
        pytorch: pytorch.map { _ in figure(theirs) })
    }
    return [
      row("process start to first step", "s") { $0.firstStep },
      row("peak memory with mapped files", "MB") { $0.memory.peak / 1024 },
      row("of that not from files", "MB") { $0.memory.anonymous / 1024 },
    ]
  }

  private func live(_ command: [String], _ figures: inout Figures) throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    let start = ContinuousClock.now
    try process.run()
    var text = Data()
    while true {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      if text.isEmpty { figures.firstStep = min(figures.firstStep, (ContinuousClock.now - start).seconds) }
      text += more
    }
    process.waitUntilExit()
    guard let line = text.split(separator: UInt8(ascii: "\n")).last, process.terminationStatus == 0 else {
      throw BenchFailure("\(command.joined(separator: " ")): ended with \(process.terminationStatus)")
    }
    let memory = try JSONDecoder().decode(ProcessMemory.self, from: Data(line))
    figures.memory.peak = min(figures.memory.peak, memory.peak)
    figures.memory.anonymous = min(figures.memory.anonymous, memory.anonymous)
  }
}
