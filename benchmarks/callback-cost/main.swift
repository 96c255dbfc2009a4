// What the process callback costs: percentiles in microseconds for 64-frame periods with 16 streams on 16 ports of a
// real server, while every core is busy. `callback-cost [--json] [--seconds N]`; wants jackd.

import AudioRing
import Foundation
import JACKClient

/// One measurement.
struct Cost: Encodable {
  var clock: String
  var realTimePriority: Bool
  var cycles: Int
  var p50Microseconds: Double
  var p99Microseconds: Double
  var p999Microseconds: Double
  var longestMicroseconds: Double
  var p999ShareOfPeriod: Double
  var lateCycles: Int
  var xruns: Int
  var underruns: Int
}

let rate = 48_000
let period = 64
let streams = 16

func fail(_ problem: String) -> Never {
  FileHandle.standardError.write(Data("callback-cost: \(problem)\n".utf8))
  exit(1)
}

/// Keeps all rings full until the playbacks are over; ordinary priority, as generation has.
func feed(_ rings: [AudioRing]) {
  Thread.detachNewThread {
    let block = (0..<4096).map { Float($0 % 100) / 1000 }
    while !rings.contains(where: \.isCancelled) {
      for ring in rings { ring.write(block) }
      usleep(20_000)
    }
  }
}

func measure(seconds: Double, processorTime: Bool, _ server: Server) throws -> Cost {
  var configuration = JACKConfiguration(
    clientName: "callback-cost", serverName: server.name,
    ports: (1...streams).map { JACKConfiguration.Port(name: "stream_\($0)") })
  configuration.measuresProcessorTime = processorTime
  let client = try JACKClient(configuration)
  defer { client.stop() }
  guard client.waitUntilRunning(timeout: .seconds(10)) else { fail("no server") }
  // A second and a half in each ring: the scheduler may keep the feeding thread away for long.
  let rings = (0..<streams).map { _ in AudioRing(minimumCapacity: 1 << 16) }
  for ring in rings { ring.write([Float](repeating: 0.1, count: 1 << 16)) }
  for (port, ring) in rings.enumerated() { _ = try client.attach(ring, port: port, sampleRate: rate) }
  feed(rings)
  Thread.sleep(forTimeInterval: seconds)
  let statistics = client.statistics
  let p999 = statistics.costs.microseconds(share: 0.999)
  return Cost(
    clock: processorTime ? "processor" : "wall", realTimePriority: server.isRealTime, cycles: statistics.costs.cycles,
    p50Microseconds: statistics.costs.microseconds(share: 0.5),
    p99Microseconds: statistics.costs.microseconds(share: 0.99), p999Microseconds: p999,
    longestMicroseconds: statistics.longestCycleMicroseconds,
    p999ShareOfPeriod: p999 / (Double(period) / Double(rate) * 1_000_000), lateCycles: statistics.lateCycles,
    xruns: statistics.xruns, underruns: statistics.underruns)
}

var seconds = 10.0
var isJSON = false
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  switch argument {
  case "--json": isJSON = true
  case "--seconds":
    guard let value = arguments.popFirst().flatMap(Double.init), value > 0, value <= 3600 else {
      fail("--seconds: expected a number up to 3600")
    }
    seconds = value
  default: fail("expected [--json] [--seconds N], found \(argument)")
  }
}

do {
  let server = try Server(rate: rate, period: period)
  defer { server.stop() }
  let busy = BusyCores()
  defer { busy.stop() }
  let costs = [
    try measure(seconds: seconds, processorTime: false, server),
    try measure(seconds: seconds, processorTime: true, server),
  ]
  if isJSON {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    print(String(decoding: try encoder.encode(costs), as: UTF8.self))
  } else {
    print("Process callback, \(period) frames at \(rate) Hz, \(streams) streams, every core busy:")
    for cost in costs {
      print(
        String(
          format:
            "  %@ time, %@: p50 %.1f, p99 %.1f, p99.9 %.1f µs (%.1f %% of the period), longest %.0f µs, %d cycles",
          cost.clock, cost.realTimePriority ? "real-time priority" : "no real-time rights", cost.p50Microseconds,
          cost.p99Microseconds, cost.p999Microseconds, cost.p999ShareOfPeriod * 100, cost.longestMicroseconds,
          cost.cycles))
    }
  }
} catch {
  fail("\(error)")
}
