import LiveStream
import Testing
import UniMoEAudio

/// Urgent streams beside others, in virtual time.
@Suite(.timeLimit(.minutes(10))) struct UrgencyTests {
  private static var urgent: LiveStream.Options {
    var options = LiveStream.Options()
    options.isUrgent = true
    return options
  }

  /// A gate that nothing opens before the end.
  private static var closed: LiveStream.Options {
    var options = LiveStream.Options()
    options.startAfterSeconds = 600
    return options
  }

  private func frames(_ stage: VirtualStage, _ index: Int) -> Int {
    stage.parts[index].stream.state.progress.codeFramesDone
  }

  private func play(_ stage: VirtualStage, untilEndOf index: Int) {
    while stage.parts[index].stream.state.end == nil { stage.play(seconds: 0.01) }
  }

  @Test func urgentStreamHasTheMachineToItself() throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    let maker = SlowMaker(stage.machine, seconds: 10, speed: 2)
    try stage.start(maker, schedule, options: Self.closed)
    stage.play(seconds: 1)
    let urgent = SlowMaker(stage.machine, seconds: 4, speed: 2)
    try stage.start(urgent, schedule, options: Self.urgent)
    // The piece that was begun is finished.
    stage.play(seconds: 0.05)
    let before = frames(stage, 0)
    #expect(stage.parts[0].stream.state.makesWay)
    play(stage, untilEndOf: 1)
    #expect(frames(stage, 0) <= before + 1)
    #expect(stage.machine.seconds - stage.parts[1].begin < 4 / 2 + 0.1 + 0.05)
    #expect(!stage.parts[1].makesWay)
    // The turn comes back with the urgent stream's end, not some time after it.
    stage.play(seconds: 1 / (maker.codeRate * maker.speed) + 0.011)
    #expect(frames(stage, 0) > before)
    stage.play()
    #expect(stage.parts.map(\.underruns) == [0, 0])
  }

  @Test(arguments: [1.6, 2.5]) func urgentStreamDoesNotRunAPlayingOneDry(speed: Double) throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    try stage.start(SlowMaker(stage.machine, seconds: 12, speed: speed), schedule)
    while stage.parts[0].firstSample == nil { stage.play(seconds: 0.1) }
    stage.play(seconds: 3)
    try stage.start(SlowMaker(stage.machine, seconds: 3, speed: speed), schedule, options: Self.urgent)
    stage.play()
    #expect(stage.parts[0].underruns == 0)
    #expect(stage.parts[0].makesWay)
    #expect(!stage.parts[1].makesWay)
  }

  /// The test above can fail: what nobody counts as urgent waits for what plays.
  @Test func streamThatIsNotUrgentWaits() throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    try stage.start(SlowMaker(stage.machine, seconds: 12, speed: 1.6), schedule)
    while stage.parts[0].firstSample == nil { stage.play(seconds: 0.1) }
    try stage.start(SlowMaker(stage.machine, seconds: 3, speed: 1.6), schedule)
    stage.play()
    #expect(stage.parts[1].makesWay)
  }

  @Test func urgentStreamsShareTheMachine() throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    let maker = SlowMaker(stage.machine, seconds: 3, speed: 3)
    for _ in 0..<2 { try stage.start(maker, schedule, options: Self.urgent) }
    play(stage, untilEndOf: 0)
    play(stage, untilEndOf: 1)
    #expect(stage.parts.map(\.makesWay) == [false, false])
    #expect(stage.machine.seconds < 2 * (3 / 3 + 0.1))
    stage.play()
  }

  @Test func nobodyWaitsWhileTheServerFreewheels() throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    try stage.start(SlowMaker(stage.machine, seconds: 10, speed: 2), schedule, options: Self.closed)
    stage.play(seconds: 0.5)
    try stage.start(SlowMaker(stage.machine, seconds: 4, speed: 2), schedule, options: Self.urgent)
    stage.play(seconds: 0.1)
    #expect(stage.parts[0].stream.state.makesWay)
    let before = frames(stage, 0)
    schedule.setFreewheeling(true)
    stage.play(seconds: 0.5)
    #expect(!stage.parts[0].stream.state.makesWay)
    #expect(frames(stage, 0) > before + 10)
    schedule.setFreewheeling(false)
    stage.play(seconds: 0.1)
    #expect(stage.parts[0].stream.state.makesWay)
    stage.play()
  }

  /// An audio thread that cancels wakes nobody: the waiting stream looks by itself.
  @Test func waitingStreamSeesTheCancelOfAnAudioThread() throws {
    let stage = VirtualStage()
    let schedule = StreamSchedule(clock: stage.machine)
    try stage.start(SlowMaker(stage.machine, seconds: 10, speed: 2), schedule, options: Self.closed)
    stage.play(seconds: 0.5)
    try stage.start(SlowMaker(stage.machine, seconds: 4, speed: 2), schedule, options: Self.urgent)
    stage.play(seconds: 0.1)
    let waiting = stage.parts[0].stream
    #expect(waiting.state.makesWay)
    waiting.cancelWithoutWaking()
    let begin = stage.machine.seconds
    while waiting.state.end == nil { stage.machine.sleep(seconds: 0.005) }
    #expect(stage.machine.seconds - begin < 0.1)
    stage.play()
  }
}
