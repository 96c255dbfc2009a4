import Foundation

/// One measured thing, on both sides.
struct Row: Codable {
  /// The checkpoint.
  var model: String
  /// Numbers of the weights, and in PyTorch of the activations too.
  var precision: String
  /// What was done.
  var work: String
  /// Unit of both figures.
  var unit: String
  /// Whether less is better.
  var lessIsBetter = false
  /// The engine's best figure.
  var engine: Double
  /// PyTorch's best figure.
  var pytorch: Double?
  /// Other facts.
  var details: [String: Double] = [:]

  /// How many times better the engine is.
  var ratio: Double? { pytorch.map { lessIsBetter ? $0 / engine : engine / $0 } }
}

/// All rows of a run and the machine that they were measured on.
struct Report: Codable {
  var date: String
  var machine: [String: String]
  /// PyTorch's version, if it took part.
  var pytorch: String?
  var rows: [Row] = []

  /// Says which share of the fastest plain read of the whole run each row of steps reaches: a busy machine makes single
  /// reads slow.
  mutating func compareWithReadBandwidth() {
    let bandwidth = rows.compactMap { $0.details["readBandwidth"] }.max() ?? 0
    for index in rows.indices {
      guard let bytes = rows[index].details["weightBytesPerStep"] else { continue }
      rows[index].details["bandwidthShare"] = bytes * rows[index].engine / bandwidth
    }
  }

  /// Writes the report as a JSON file.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try (encoder.encode(self) + Data("\n".utf8)).write(to: URL(fileURLWithPath: path))
  }

  /// The report as a Markdown table.
  var table: String {
    let lines = rows.map { row in
      let pytorch = row.pytorch.map(Self.figure) ?? "–"
      let ratio = row.ratio.map { String(format: "%.2f", $0) } ?? "–"
      let share = row.details["bandwidthShare"].map { String(format: "%.0f %%", 100 * $0) } ?? ""
      return "| \(row.model) | \(row.precision) | \(row.work) | \(row.unit) | \(Self.figure(row.engine)) | \(pytorch) "
        + "| \(ratio) | \(share) |"
    }
    return """
      | model | precision | work | unit | engine | PyTorch | times better | share of read bandwidth |
      | --- | --- | --- | --- | ---: | ---: | ---: | ---: |

      """ + lines.joined(separator: "\n")
  }

  private static func figure(_ value: Double) -> String {
    String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
  }
}

/// Facts about the machine, for the record.
func machineFacts(threads: Int, clock: String, kernels: String) -> [String: String] {
  let processors = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let name = processors.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
  return [
    "processor": name.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown",
    "cores": String(ProcessInfo.processInfo.processorCount), "threads": String(threads), "clock": clock,
    "kernels": kernels,
    "memoryGB": String(ProcessInfo.processInfo.physicalMemory >> 30),
    "system": ProcessInfo.processInfo.operatingSystemVersionString,
  ]
}
