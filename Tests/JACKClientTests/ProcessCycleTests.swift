import AudioRing
import Synchronization
import TestSupport
import Testing

@testable import JACKClient

/// What the process callback puts on its ports, frame for frame, without a server.
@Suite struct ProcessCycleTests {
  /// Frames of a ramp at 48 kHz.
  private static let ramp = 240
  /// A ramp from the test level to zero moves by this much per frame; a click moves by the whole level.
  private static let gentleStep = TestSignal.level / Float(ramp) * 1.01

  private func constantRing(_ count: Int, finished: Bool = false) -> AudioRing {
    let ring = AudioRing(minimumCapacity: 16_384)
    ring.write([Float](repeating: TestSignal.level, count: count))
    if finished { ring.finish() }
    return ring
  }

  @Test func portsAreSilentWhileNothingPlays() {
    let mixer = OfflineMixer(ports: 3)
    #expect(mixer.cycle(64) == [[Float]](repeating: [Float](repeating: 0, count: 64), count: 3))
  }

  @Test(arguments: [1, 7, 64, 256, 1000, 8192])
  func aPlaybackIsItsRingSampleForSample(frames: Int) {
    let mixer = OfflineMixer()
    let count = 20_011
    let playback = mixer.attach(.filled(count))
    let signal = mixer.signal(cycles: count / frames + 2, frames)
    #expect(Array(signal.prefix(count)) == TestSignal.samples(0..<count))
    #expect(signal.dropFirst(count).allSatisfy { $0 == 0 })
    #expect(mixer.collect() == [.complete])
    #expect(playback?.status == .finished(.complete))
    #expect(playback?.playedFrames == count)
    #expect(playback?.underruns == 0)
  }

  @Test func cyclesOfChangingSizeLoseNothing() {
    let mixer = OfflineMixer()
    _ = mixer.attach(.filled(30_000))
    let sizes = [256, 8192, 64, 1, 1024, 512, 8192, 100, 4096, 8192]
    let signal = sizes.flatMap { mixer.cycle($0)[0] }
    let length = min(signal.count, 30_000)
    #expect(Array(signal.prefix(length)) == TestSignal.samples(0..<length))
  }

  @Test func playbacksOnOnePortAreAddedAndOtherPortsStaySilent() {
    let mixer = OfflineMixer(ports: 2)
    let rings = (0..<3).map { _ in AudioRing.filled(512) }
    let playbacks = rings.compactMap { mixer.attach($0, port: 1, gain: 0.25) }
    #expect(playbacks.count == 3)
    let buffers = mixer.cycle(512)
    #expect(buffers[0].allSatisfy { $0 == 0 })
    #expect(buffers[1] == TestSignal.samples(0..<512).map { $0 * 0.25 + $0 * 0.25 + $0 * 0.25 })
  }

  @Test func slotsAreLimitedAndReused() {
    let mixer = OfflineMixer(slots: 2)
    for _ in 0..<5 {
      let first = mixer.attach(.filled(10))
      let second = mixer.attach(.filled(10))
      #expect(first != nil && second != nil)
      #expect(mixer.attach(.filled(10)) == nil)
      _ = mixer.cycle(64)
      #expect(mixer.collect() == [.complete, .complete])
      #expect(mixer.isEmpty)
    }
  }

  @Test func theGateHoldsTheFirstSampleBack() {
    let mixer = OfflineMixer()
    let ring = AudioRing.filled(999, finished: false)
    let playback = mixer.attach(ring, gate: 1000)
    #expect(mixer.signal(cycles: 4).allSatisfy { $0 == 0 })
    #expect(playback?.status == .waiting)
    ring.write(TestSignal.samples(999..<1000))
    #expect(mixer.cycle(256)[0] == TestSignal.samples(0..<256))
    #expect(playback?.status == .playing)
    #expect(playback?.underruns == 0)
  }

  @Test func theEndOpensTheGate() {
    let mixer = OfflineMixer()
    _ = mixer.attach(.filled(10), gate: 1 << 20)
    #expect(Array(mixer.cycle(256)[0].prefix(10)) == TestSignal.samples(0..<10))
  }

  @Test(arguments: [0, 100, 256])
  func anUnderrunDecaysAndItsEndFadesIn(surplus: Int) {
    let mixer = OfflineMixer()
    let ring = constantRing(512 + surplus)
    let playback = mixer.attach(ring, gate: 256)
    let before = mixer.signal(cycles: 5)
    #expect(before.largestStep <= Self.gentleStep)
    #expect(before.prefix(512 + surplus).allSatisfy { $0 == TestSignal.level })
    #expect(before.dropFirst(512 + surplus + Self.ramp).allSatisfy { $0 == 0 })
    #expect(playback?.underruns == 1)
    #expect(playback?.missingFrames == 5 * 256 - 512 - surplus)
    #expect(playback?.status == .starved)
    ring.write([Float](repeating: TestSignal.level, count: 255))
    #expect(mixer.cycle(256)[0].allSatisfy { $0 == 0 })
    ring.write([Float](repeating: TestSignal.level, count: 1000))
    let after = mixer.signal(cycles: 3)
    #expect(([0] + after).largestStep <= Self.gentleStep)
    #expect(after.dropFirst(Self.ramp).allSatisfy { $0 == TestSignal.level })
    #expect(playback?.underruns == 1)
    #expect(mixer.state.pointee.underruns.load(ordering: .relaxed) == 1)
  }

  @Test(arguments: [32, 64, 256, 1024])
  func aCancelledPlaybackIsSilentAfterOneRamp(frames: Int) {
    let mixer = OfflineMixer()
    let ring = constantRing(16_384)
    let playback = mixer.attach(ring)
    let before = mixer.signal(cycles: 3, frames)
    playback?.cancel()
    let after = mixer.signal(cycles: Self.ramp / frames + 2, frames)
    #expect((before + after).largestStep <= Self.gentleStep)
    #expect(after.dropFirst(Self.ramp).allSatisfy { $0 == 0 })
    #expect(mixer.collect() == [.cancelled])
    #expect(ring.isCancelled)
  }

  @Test func cancellingWhileFadingInTurnsBackWithoutAJump() {
    let mixer = OfflineMixer()
    let ring = constantRing(256)
    let playback = mixer.attach(ring)
    var signal = mixer.signal(cycles: 3, 256)
    ring.write([Float](repeating: TestSignal.level, count: 4096))
    signal += mixer.signal(cycles: 1, 100)
    playback?.cancel()
    signal += mixer.signal(cycles: 4, 100)
    #expect(signal.largestStep <= Self.gentleStep)
    #expect(signal.suffix(200).allSatisfy { $0 == 0 })
    #expect(mixer.collect() == [.cancelled])
  }

  @Test func aRingThatItsProducerCancelsDecays() {
    let mixer = OfflineMixer()
    let ring = constantRing(4096)
    _ = mixer.attach(ring)
    var signal = mixer.signal(cycles: 2)
    ring.cancel()
    signal += mixer.signal(cycles: 3)
    #expect(signal.largestStep <= Self.gentleStep)
    #expect(mixer.collect() == [.cancelled])
    #expect(mixer.state.pointee.underruns.load(ordering: .relaxed) == 0)
  }

  @Test func whatWaitsOrStarvesIsCancelledAtOnce() {
    let mixer = OfflineMixer()
    let playback = mixer.attach(constantRing(10), gate: 100)
    _ = mixer.cycle(64)
    playback?.cancel()
    #expect(mixer.cycle(64)[0].allSatisfy { $0 == 0 })
    #expect(mixer.collect() == [.cancelled])
  }

  @Test func aFlushJumpsWithoutAClickAndPlaysWhatFollows() {
    let mixer = OfflineMixer()
    let ring = constantRing(4096)
    let playback = mixer.attach(ring)
    var signal = mixer.signal(cycles: 2)
    ring.flush()
    ring.write([Float](repeating: -TestSignal.level, count: 600))
    ring.finish()
    signal += mixer.signal(cycles: 2)
    // Decay and fade in overlap, so the step is that of both ramps.
    #expect(signal.largestStep <= 2 * Self.gentleStep)
    #expect(signal.suffix(100).allSatisfy { $0 == -TestSignal.level })
    _ = mixer.signal(cycles: 2)
    #expect(mixer.collect() == [.complete])
    #expect(playback?.underruns == 0)
    #expect(playback?.playedFrames == 512 + 600)
  }

  @Test func gainMovesInARampAndArrivesExactly() {
    let mixer = OfflineMixer()
    let playback = mixer.attach(constantRing(8192))
    var signal = mixer.signal(cycles: 1)
    playback?.setGain(0.5)
    signal += mixer.signal(cycles: 2)
    #expect(signal.largestStep <= Self.gentleStep / 2 * 1.01)
    #expect(signal.suffix(256).allSatisfy { $0 == TestSignal.level / 2 })
    playback?.setGain(.nan)
    #expect(mixer.signal(cycles: 2).suffix(256).allSatisfy { $0 == 0 })
  }

  @Test func freewheelingWaitsForTheProducer() {
    let mixer = OfflineMixer()
    mixer.state.pointee.isFreewheeling.store(true, ordering: .relaxed)
    let ring = AudioRing(minimumCapacity: 8192)
    let playback = mixer.attach(ring, gate: 8000)
    let count = 12_000
    let producer = Thread {
      for start in stride(from: 0, to: count, by: 600) {
        Thread.sleep(milliseconds: 3)
        ring.writeAll(TestSignal.samples(start..<start + 600), timeout: .seconds(20))
      }
      ring.finish()
    }
    let signal = mixer.signal(cycles: count / 1024 + 1, 1024)
    producer.join()
    #expect(Array(signal.prefix(count)) == TestSignal.samples(0..<count))
    #expect(playback?.underruns == 0)
    #expect(mixer.state.pointee.freewheelTimeouts.load(ordering: .relaxed) == 0)
  }

  /// A ring with a second of the test signal.
  private func ready() -> AudioRing {
    let ring = AudioRing(minimumCapacity: 8192)
    ring.writeAll(TestSignal.samples(0..<4000), timeout: .seconds(20))
    return ring
  }

  @Test(arguments: [0, 100, 255]) func aNoteStartsWhatIsHeldForItAtItsFrame(frame: Int) throws {
    let mixer = OfflineMixer()
    let playback = try #require(mixer.attach(ready(), hold: .init(Cue(note: 60))))
    fire(mixer.state, note: 61, at: 3)
    #expect(mixer.signal(cycles: 2).allSatisfy { $0 == 0 } && playback.isHeld && playback.status == .waiting)
    fire(mixer.state, note: 60, at: frame)
    let signal = mixer.signal(cycles: 2)
    #expect(signal.prefix(frame).allSatisfy { $0 == 0 })
    #expect(Array(signal.dropFirst(frame)) == TestSignal.samples(0..<512 - frame))
    #expect(!playback.isHeld && playback.lateFrames == 0)
  }

  @Test func theTransportStartsWhatIsHeldForItsFrame() throws {
    let mixer = OfflineMixer()
    let playback = try #require(mixer.attach(ready(), hold: .init(Cue(transportFrame: 1000))))
    for start in [0, 256, 512] {
      fire(mixer.state, transportFrom: start, frames: 256)
      #expect(mixer.signal(cycles: 1).allSatisfy { $0 == 0 })
    }
    fire(mixer.state, transportFrom: 768, frames: 256)
    let signal = mixer.signal(cycles: 1)
    #expect(signal.prefix(232).allSatisfy { $0 == 0 } && Array(signal.dropFirst(232)) == TestSignal.samples(0..<24))
    #expect(playback.lateFrames == 0)
  }

  @Test func aCueThatIsNotReadySoundsAsSoonAsItIsAndSaysHowLate() throws {
    let mixer = OfflineMixer()
    let ring = AudioRing(minimumCapacity: 8192)
    let playback = try #require(mixer.attach(ring, hold: .init(Cue(note: 60))))
    fire(mixer.state, note: 60, at: 56)
    #expect(mixer.signal(cycles: 3).allSatisfy { $0 == 0 } && playback.lateFrames == nil)
    ring.writeAll(TestSignal.samples(0..<1000), timeout: .seconds(20))
    #expect(mixer.signal(cycles: 1) == TestSignal.samples(0..<256))
    #expect(playback.lateFrames == 3 * 256 - 56)
    let before = try #require(mixer.attach(ready(), port: 0, hold: .init(Cue(), firedFrames: 5000)))
    _ = mixer.signal(cycles: 1)
    #expect(before.lateFrames == 5000)
  }

  @Test func whatIsHeldCanBeFiredByHandAndCancelled() throws {
    let mixer = OfflineMixer()
    let (fired, cancelled) = (mixer.attach(ready(), hold: .init(Cue())), mixer.attach(ready(), hold: .init(Cue())))
    #expect(mixer.signal(cycles: 2).allSatisfy { $0 == 0 })
    fired?.fire()
    cancelled?.cancel()
    #expect(mixer.signal(cycles: 2) == TestSignal.samples(0..<512))
    #expect(fired?.lateFrames == 0 && cancelled?.lateFrames == nil)
    #expect(mixer.collect() == [.cancelled])
  }

  @Test func whatIsHeldKeepsNoExportWaiting() throws {
    let mixer = OfflineMixer()
    mixer.state.pointee.isFreewheeling.store(true, ordering: .relaxed)
    let held = try #require(mixer.attach(AudioRing(minimumCapacity: 8192), hold: .init(Cue())))
    #expect(mixer.signal(cycles: 10).allSatisfy { $0 == 0 } && held.isHeld)
    #expect(mixer.state.pointee.freewheelTimeouts.load(ordering: .relaxed) == 0)
  }

  @Test func aPauseFadesOutAndGoesOnWhereItWas() throws {
    let mixer = OfflineMixer()
    let playback = try #require(mixer.attach(.filled(20_000)))
    #expect(mixer.signal(cycles: 4) == TestSignal.samples(0..<1024))
    playback.setPaused(true)
    let pause = mixer.signal(cycles: 8)
    // 5 ms, then silence; nothing more is taken from the ring.
    #expect(pause.prefix(240).contains { $0 != 0 } && pause.dropFirst(240).allSatisfy { $0 == 0 })
    #expect(playback.playedFrames == 1264 && playback.isPaused && playback.underruns == 0)
    playback.setPaused(false)
    let rest = mixer.signal(cycles: 4)
    #expect(Array(rest.dropFirst(240)) == TestSignal.samples(1504..<2288))
    playback.setPaused(true)
    _ = mixer.signal(cycles: 4)
    playback.cancel()
    #expect(mixer.signal(cycles: 2).allSatisfy { $0 == 0 } && mixer.collect() == [.cancelled])
  }

  @Test func whatIsPausedBeforeItBeginsWaits() throws {
    let mixer = OfflineMixer()
    let playback = try #require(mixer.attach(.filled(2000)))
    playback.setPaused(true)
    #expect(mixer.signal(cycles: 3).allSatisfy { $0 == 0 } && playback.playedFrames == 0)
    playback.setPaused(false)
    #expect(mixer.signal(cycles: 1) == TestSignal.samples(0..<256))
  }

  @Test func aGainIsReachedInTheTimeThatIsAsked() throws {
    let mixer = OfflineMixer()
    let ring = AudioRing(minimumCapacity: 96_000)
    ring.write([Float](repeating: TestSignal.level, count: 90_000))
    let playback = try #require(mixer.attach(ring))
    _ = mixer.signal(cycles: 1)
    playback.setGain(0, over: 48_000)
    let signal = mixer.signal(cycles: 200)
    #expect(abs(signal[23_999] - TestSignal.level / 2) < 1e-3 && signal[47_000] > 0 && signal[48_000] == 0)
    #expect(signal.largestStep < 2e-5)
  }

  @Test func musicGivesWayWhileSpeechSoundsAndComesBack() throws {
    let mixer = OfflineMixer(ports: 2)
    mixer.state.pointee.isDucker[0] = true
    mixer.state.pointee.ducking.set(Ducking(gain: 0.25, attack: 0.01, release: 0.02))
    let music = AudioRing(minimumCapacity: 96_000)
    music.write([Float](repeating: TestSignal.level, count: 90_000))
    _ = mixer.attach(music, port: 1)
    func level(_ cycles: Int) -> [Float] { (0..<cycles).flatMap { _ in mixer.cycle(256)[1] } }
    #expect(level(2).allSatisfy { $0 == TestSignal.level })
    let speech = try #require(mixer.attach(.filled(2560), port: 0, hold: .init(Cue())))
    // What is held does not sound.
    #expect(level(2).allSatisfy { $0 == TestSignal.level })
    speech.fire()
    let ducked = level(10)
    #expect(abs(ducked[240] - TestSignal.level * 0.625) < 2e-3)
    #expect(ducked.dropFirst(481).allSatisfy { abs($0 - TestSignal.level / 4) < 1e-6 })
    #expect(ducked.largestStep < TestSignal.level / 400)
    let back = level(8)
    #expect(back.suffix(256).allSatisfy { $0 == TestSignal.level } && back[256] < TestSignal.level)
    // Ducking that is turned off meanwhile ends within its time, not the slower the less is left of it.
    _ = mixer.attach(.filled(100_000, finished: false), port: 0)
    _ = level(4)
    mixer.state.pointee.ducking.set(Ducking(gain: 1, attack: 0.01, release: 0.02))
    #expect(level(5).suffix(256).allSatisfy { $0 == TestSignal.level })
  }

  @Test func freewheelingWaitsForThePlaybackThatIsExpected() {
    // The thread attaches while the test waits in a cycle, as the control thread does.
    nonisolated(unsafe) let mixer = OfflineMixer()
    mixer.state.pointee.isFreewheeling.store(true, ordering: .relaxed)
    mixer.state.pointee.isPlaybackExpected.store(true, ordering: .relaxed)
    let ring = AudioRing(minimumCapacity: 8192)
    ring.writeAll(TestSignal.samples(0..<1024), timeout: .seconds(20))
    ring.finish()
    let control = Thread {
      Thread.sleep(milliseconds: 100)
      _ = mixer.attach(ring)
      mixer.state.pointee.isPlaybackExpected.store(false, ordering: .relaxed)
    }
    let signal = mixer.signal(cycles: 2, 1024)
    control.join()
    #expect(Array(signal.prefix(1024)) == TestSignal.samples(0..<1024))
    #expect(signal.suffix(1024).allSatisfy { $0 == 0 }, "the second cycle waited for nothing")
    #expect(mixer.state.pointee.freewheelTimeouts.load(ordering: .relaxed) == 0)
  }

  @Test func playbackThatIsExpectedDelaysNoCycleInRealTime() {
    let mixer = OfflineMixer()
    mixer.state.pointee.isPlaybackExpected.store(true, ordering: .relaxed)
    #expect(mixer.signal(cycles: 100).allSatisfy { $0 == 0 })
    #expect(mixer.state.pointee.freewheelTimeouts.load(ordering: .relaxed) == 0)
  }

  @Test func costsAreCountedWithinAnEighth() {
    let state = UnsafeMutablePointer<ProcessState>.allocate(capacity: 1)
    state.initialize(to: ProcessState(portCount: 1, slotCount: 1))
    defer {
      state.deinitialize(count: 1)
      state.deallocate()
    }
    #expect(CycleCosts(state.pointee.costs).microseconds(share: 0.5) == 0)
    for cost in [1000, 2000, 3000, 50_000] {
      state.pointee.costs[CycleCosts.bucket(nanoseconds: cost)].wrappingAdd(1, ordering: .relaxed)
    }
    let costs = CycleCosts(state.pointee.costs)
    #expect(costs.cycles == 4)
    for (share, expected) in [(0.25, 1.0), (0.5, 2.0), (0.75, 3.0), (0.999, 50.0)] {
      #expect(costs.microseconds(share: share) >= expected)
      #expect(costs.microseconds(share: share) <= expected * 1.13)
    }
    #expect(CycleCosts.bucket(nanoseconds: -5) == 0)
    #expect(CycleCosts.bucket(nanoseconds: .max) == 255)
  }
}
