import LiveStream
import Testing
import UniMoEAudio

/// Streams of slow engines, played as soon as their gates open, in virtual time.
@Suite(.timeLimit(.minutes(10))) struct SchedulingTests {
  @Test(arguments: [0.4, 0.8, 0.95, 1.02, 1.1, 1.3, 3])
  func streamAloneNeverRunsDry(speed: Double) throws {
    let stage = VirtualStage()
    try stage.start(SlowMaker(stage.machine, seconds: 12, speed: speed), StreamSchedule(clock: stage.machine))
    stage.play()
    let part = stage.parts[0]
    #expect(part.underruns == 0)
    #expect(part.stream.ring.deliveredSamples == 12_000)
    // The gate is no wait for everything.
    #expect(part.madeAtFirstSample < (speed < 0.5 ? 11.5 : speed < 1 ? 6 : 4))
  }

  /// Two streams of an engine that is barely fast enough for one: the second begins when the first already plays.
  @Test(arguments: [1.02, 1.3, 1.8])
  func secondStreamDoesNotRunTheFirstDry(speed: Double) throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    let maker = SlowMaker(stage.machine, seconds: 12, speed: speed)
    try stage.start(maker, schedule)
    while stage.parts[0].firstSample == nil { stage.play(seconds: 0.1) }
    try stage.start(maker, schedule)
    stage.play()
    #expect(stage.parts.map(\.underruns) == [0, 0])
    #expect(stage.parts.map(\.stream.ring.deliveredSamples) == [12_000, 12_000])
    #expect(stage.parts[1].makesWay)
    // The second plays long before both are made.
    let second = try #require(stage.parts[1].firstSample)
    #expect(stage.parts[1].begin + second < 0.75 * 24 / speed)
  }

  /// The test above can fail: streams that know nothing of each other run dry.
  @Test func streamsOfSchedulesApartRunDry() throws {
    let stage = VirtualStage()
    let maker = SlowMaker(stage.machine, seconds: 12, speed: 1.3)
    try stage.start(maker, StreamSchedule(clock: stage.machine))
    while stage.parts[0].firstSample == nil { stage.play(seconds: 0.1) }
    try stage.start(maker, StreamSchedule(clock: stage.machine))
    stage.play()
    #expect(stage.parts[0].underruns > 0)
  }

  /// An engine that has been measured lets the first play at once, and the others when that allows it.
  @Test func streamsStartedTogetherPlayOneAfterTheOther() throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    let maker = SlowMaker(stage.machine, seconds: 6, speed: 1.4)
    try stage.start(maker, schedule)
    stage.play()
    for _ in 0..<3 { try stage.start(maker, schedule) }
    stage.play()
    #expect(stage.parts.map(\.underruns) == [0, 0, 0, 0])
    let starts = stage.parts.dropFirst().compactMap(\.firstSample).sorted()
    try #require(starts.count == 3)
    #expect(starts[0] < 3)
    #expect(starts[2] < 3 * 6 / 1.4)
  }

  @Test func streamsOfAnUnknownEngineNeverRunDry() throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    for speed in [1.4, 0.9, 2] { try stage.start(SlowMaker(stage.machine, seconds: 6, speed: speed), schedule) }
    stage.play()
    #expect(stage.parts.map(\.underruns) == [0, 0, 0])
  }

  /// Where the machine is fast enough for several, they are made side by side.
  @Test func streamsOfAFastEngineDoNotWait() throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    for _ in 0..<3 {
      try stage.start(SlowMaker(stage.machine, seconds: 8, speed: 10), schedule)
      stage.play(seconds: 0.3)
    }
    stage.play()
    #expect(stage.parts.map(\.underruns) == [0, 0, 0])
    #expect(stage.parts.map(\.makesWay) == [false, false, false])
    for part in stage.parts { #expect((part.firstSample ?? 99) < 0.6) }
  }

  @Test func predictionIsTheTasksOwnAndItsShare() throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    try stage.start(SlowMaker(stage.machine, seconds: 4, speed: 4), schedule)
    #expect(stage.parts[0].stream.state.predictedSpeed == nil)
    stage.play()
    try stage.start(SlowMaker(stage.machine, seconds: 8, speed: 4), schedule)
    let alone = try #require(stage.parts[1].stream.state.predictedSpeed)
    #expect(abs(alone - 4) < 0.2)
    while stage.parts[1].firstSample == nil { stage.play(seconds: 0.02) }
    try stage.start(SlowMaker(stage.machine, seconds: 4, speed: 4), schedule)
    let shared = try #require(stage.parts[2].stream.state.predictedSpeed)
    #expect(abs(shared - alone / 2) < 0.1)
    stage.play()
    #expect(stage.parts.map(\.underruns) == [0, 0, 0])
  }

  /// A stream that waits for its turn ends soon when it is cancelled, and says meanwhile that it waits.
  @Test func streamThatMakesWayIsCancelledAtOnce() throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    try stage.start(SlowMaker(stage.machine, seconds: 20, speed: 1.1), schedule)
    while stage.parts[0].firstSample == nil { stage.play(seconds: 0.1) }
    try stage.start(SlowMaker(stage.machine, seconds: 20, speed: 1.1), schedule)
    stage.play(seconds: 1)
    let waiting = stage.parts[1].stream
    #expect(waiting.state.makesWay)
    #expect(waiting.state.progress.phase == .queued)
    waiting.cancel()
    let begin = stage.machine.seconds
    while waiting.state.end == nil { stage.machine.sleep(seconds: 0.005) }
    #expect(stage.machine.seconds - begin < 0.1)
    #expect(waiting.state.end == .stopped(.cancelled))
    stage.play()
    #expect(stage.parts[0].underruns == 0)
  }

  /// A reader that waits for samples cannot run dry: its stream gets its share, and takes nobody's turn.
  @Test func patientReaderTakesNoTurn() throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    try stage.start(SlowMaker(stage.machine, seconds: 8, speed: 1.3), schedule)
    stage.parts[0].stream.readsPatiently()
    stage.play(seconds: 4)
    try stage.start(SlowMaker(stage.machine, seconds: 4, speed: 1.3), schedule)
    stage.play()
    #expect(!stage.parts[1].makesWay)
    #expect(stage.parts[1].underruns == 0)
  }

  /// A host whose gate opens at once has no promise: the stream that has one keeps it.
  @Test func fixedGateDoesNotRunAPromisedStreamDry() throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    try stage.start(SlowMaker(stage.machine, seconds: 8, speed: 1.3), schedule)
    while stage.parts[0].firstSample == nil { stage.play(seconds: 0.1) }
    var options = LiveStream.Options()
    options.startAfterSeconds = 0
    try stage.start(SlowMaker(stage.machine, seconds: 8, speed: 1.3), schedule, options: options)
    stage.play()
    #expect(stage.parts[0].underruns == 0)
  }
}
