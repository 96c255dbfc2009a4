// Exercises what runs in audio threads under RealtimeSanitizer, with every core busy: `realtime ring` the ring's read,
// `realtime client SERVER` the process callback in a real server's graph. Exits with 0 if nothing was reported.

import AudioRing
import Glibc
import JACKClient
import Synchronization

let isOver = Atomic<Bool>(false)

/// Runs a closure on a thread that nobody waits for.
func detach(_ body: @escaping @Sendable () -> Void) {
  final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var id = pthread_t()
  pthread_create(
    &id, nil,
    { argument in
      if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
      return nil
    }, Unmanaged.passRetained(Work(body)).toOpaque())
  pthread_detach(id)
}

/// Keeps every core at work, as generation does.
func occupyEveryCore() {
  for _ in 0..<sysconf(Int32(_SC_NPROCESSORS_ONLN)) {
    detach {
      var values = [Float](repeating: 1, count: 1 << 16)
      while !isOver.load(ordering: .relaxed) {
        for index in values.indices { values[index] = values[index] * 1.0001 + 0.5 }
      }
    }
  }
}

func watchRing() {
  struct Reading {
    var reader: AudioRingReader
    var block: UnsafeMutablePointer<Float>
    var real = 0
  }
  let ring = AudioRing(minimumCapacity: 4096)
  let total = 3_000_000
  detach {
    var position = 0
    while position < total {
      let count = position % 1777 + 1
      position += ring.writeAll([Float](repeating: 1, count: count), timeout: .seconds(10))
      if position % 50 == 0 { ring.flush() }
    }
    ring.finish()
  }
  var reading = Reading(reader: ring.reader, block: .allocate(capacity: 512))
  var delivered = 0
  while !ring.reader.isAtEnd {
    realtime_watch(
      { context in
        guard let reading = context?.assumingMemoryBound(to: Reading.self) else { return }
        #if REALTIME_PLANTED_ALLOCATION
          reading.pointee.block = .allocate(capacity: 512)
        #endif
        reading.pointee.real = reading.pointee.reader.read(into: reading.pointee.block, count: 512)
      }, &reading)
    delivered += reading.real
  }
  print("ring: \(delivered) samples read, \(ring.underruns) underruns")
}

/// Plays what makes the callback take each of its ways: ends, cancellations, underruns, flushes, gains, gates. On a busy
/// machine the server runs few cycles in a while, so it goes on until every way was taken, for a minute at the most.
func watchClient(server: String) throws {
  let client = try JACKClient(JACKConfiguration(clientName: "realtime", serverName: server))
  guard client.waitUntilRunning(timeout: .seconds(10)), let rate = client.sampleRate else {
    print("client: no server \(server)")
    exit(2)
  }
  var endings: [Playback.Ending?] = []
  let start = ContinuousClock.now
  repeat {
    endings += try playRound(client, rate: rate)
  } while !hasTakenEveryWay(client, endings) && ContinuousClock.now - start < .seconds(60)
  let statistics = client.statistics
  let isComplete = hasTakenEveryWay(client, endings)
  client.stop()
  print("client: \(statistics.cycles) cycles, \(statistics.underruns) underruns, \(endings.count) playbacks")
  if !isComplete {
    print("client: not every way was taken")
    exit(2)
  }
}

/// Forty playbacks that differ in all that a playback can.
func playRound(_ client: JACKClient, rate: Int) throws -> [Playback.Ending?] {
  var playbacks: [Playback] = []
  for turn in 0..<40 {
    let ring = AudioRing(minimumCapacity: 8192)
    playbacks.append(
      try client.attach(ring, port: turn % 2, sampleRate: rate, gain: turn % 3 == 0 ? 0.5 : 1, gate: turn % 4 * 500))
    detach {
      for block in 0..<(20 + turn) {
        ring.writeAll([Float](repeating: 0.1, count: 999), timeout: .milliseconds(500))
        if turn % 5 == 0 && block % 7 == 0 { ring.flush() }
        if turn % 5 == 1 && block % 7 == 0 { usleep(60_000) }
      }
      if turn % 5 == 2 { ring.cancel() } else { ring.finish() }
    }
    usleep(50_000)
    if turn % 5 == 3 { playbacks[turn].cancel() }
    if turn % 5 == 4 { playbacks[turn].setGain(0.1) }
  }
  return playbacks.map { $0.waitUntilFinished(timeout: .seconds(20)) }
}

func hasTakenEveryWay(_ client: JACKClient, _ endings: [Playback.Ending?]) -> Bool {
  client.statistics.cycles > 0 && client.statistics.underruns > 0 && endings.contains(.complete)
    && endings.contains(.cancelled)
}

occupyEveryCore()
switch CommandLine.arguments.dropFirst().first {
case "ring": watchRing()
case "client" where CommandLine.arguments.count == 3: try watchClient(server: CommandLine.arguments[2])
default:
  print("realtime ring | realtime client SERVER")
  exit(2)
}
isOver.store(true, ordering: .relaxed)
exit(0)
