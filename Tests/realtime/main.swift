// Exercises what runs in audio threads under RealtimeSanitizer, while the engine generates on every core what they read:
// `realtime ring` the ring's read, `realtime client SERVER` the process callback in a real server's graph. Exits with 0
// if nothing was reported.

import AudioRing
import Glibc
import JACKClient

func watchRing(_ load: EngineLoad) {
  struct Reading {
    var reader: AudioRingReader
    var block: UnsafeMutablePointer<Float>
    var real = 0
  }
  let ring = AudioRing(minimumCapacity: 8192)
  let stream = load.start(seconds: 15, into: RingFeed(ring, turn: 0))
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
    if reading.real == 0 { usleep(500) }
  }
  unimoe_stream_release(stream)
  print("ring: \(delivered) samples read, \(ring.underruns) underruns")
}

/// Plays what makes the callback take each of its ways: ends, cancellations, underruns, flushes, gains, gates, cues, pauses,
/// ducking. On a busy
/// machine the server runs few cycles in a while, so it goes on until every way was taken, for a minute at the most.
func watchClient(_ load: EngineLoad, server: String) throws {
  let ports = [JACKConfiguration.Port(name: "speech_1", ducks: true), JACKConfiguration.Port(name: "music_1")]
  let client = try JACKClient(JACKConfiguration(clientName: "realtime", serverName: server, ports: ports))
  client.setDucking(Ducking(gain: 0.3))
  guard client.waitUntilRunning(timeout: .seconds(10)), client.sampleRate == Int(EngineLoad.rate) else {
    print("client: no server \(server)")
    exit(2)
  }
  var endings: [Playback.Ending?] = []
  let start = ContinuousClock.now
  repeat {
    endings += try playRound(client, load)
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

/// Twenty playbacks that differ in all that a playback can, each generated while it plays.
func playRound(_ client: JACKClient, _ load: EngineLoad) throws -> [Playback.Ending?] {
  var playbacks: [Playback] = []
  var streams: [OpaquePointer] = []
  for turn in 0..<20 {
    let ring = AudioRing(minimumCapacity: 8192)
    playbacks.append(
      try client.attach(
        ring, port: turn % 2, sampleRate: Int(EngineLoad.rate), gain: turn % 3 == 0 ? 0.5 : 1, gate: turn % 4 * 500,
        hold: turn % 6 == 1 ? Playback.Hold(Cue(note: 60, transportFrame: 0)) : nil))
    streams.append(load.start(seconds: 0.6 + 0.02 * Double(turn), into: RingFeed(ring, turn: turn)))
    usleep(50_000)
    if turn % 5 == 3 { playbacks[turn].cancel() }
    if turn % 5 == 4 { playbacks[turn].setGain(0.1, over: 5000) }
    if turn % 6 == 1 { playbacks[turn].fire() }
    if turn % 4 == 2 { playbacks[turn].setPaused(true) }
    if turn % 4 == 3 { playbacks[turn - 1].setPaused(false) }
  }
  let endings = playbacks.map { $0.waitUntilFinished(timeout: .seconds(20)) }
  for stream in streams { unimoe_stream_release(stream) }
  return endings
}

func hasTakenEveryWay(_ client: JACKClient, _ endings: [Playback.Ending?]) -> Bool {
  client.statistics.cycles > 0 && client.statistics.underruns > 0 && endings.contains(.complete)
    && endings.contains(.cancelled)
}

let load = EngineLoad()
load.occupyEveryCore()
switch CommandLine.arguments.dropFirst().first {
case "ring": watchRing(load)
case "client" where CommandLine.arguments.count == 3: try watchClient(load, server: CommandLine.arguments[2])
default:
  print("realtime ring | client SERVER")
  exit(2)
}
load.stop()
exit(0)
