import Testing

@testable import LiveStream

@Suite struct StartGateTests {
  private let gate = StartGate(fixed: nil)

  @Test func unknownSpeedWaitsForEverything() {
    #expect(gate.required(produced: 1, expected: 10, speed: nil) == 10)
  }

  @Test func fastStreamWaitsForTheMarginAlone() {
    #expect(gate.required(produced: 0, expected: 10, speed: StartGate.caution) == StartGate.margin)
    #expect(gate.required(produced: 0, expected: 10, speed: 100) == StartGate.margin)
  }

  /// A stream that is slower than it may become by `caution` never runs dry once its gate is open.
  @Test(arguments: [0.2, 0.5, 0.9, 1, 1.1, 1.3, 2])
  func whatIsReadyLastsUntilTheRestIsMade(speed: Double) {
    let expected = 20.0
    var produced = 0.0
    while produced < gate.required(produced: produced, expected: expected, speed: speed) { produced += 0.02 }
    let slowed = speed / StartGate.caution
    #expect(produced + 0.05 >= min(expected, (expected - produced) * (1 / slowed - 1)))
    if speed > 0.25 { #expect(produced < expected) }
  }

  @Test func shortRequestIsNeverWaitedForLongerThanItIs() {
    #expect(gate.required(produced: 0, expected: 0.3, speed: 10) == 0.3)
  }

  @Test func fixedGateIsCutToTheRequest() {
    #expect(StartGate(fixed: 0.5).required(produced: 0, expected: 10, speed: nil) == 0.5)
    #expect(StartGate(fixed: 60).required(produced: 0, expected: 10, speed: 5) == 10)
  }
}

@Suite struct PaceTests {
  @Test func littleSoundTellsNoSpeed() {
    var pace = Pace()
    pace.advance(produced: 0.1, elapsed: 0.1, streams: 1)
    #expect(pace.speed(among: 1, known: nil) == nil)
    #expect(pace.speed(among: 1, known: 3) == 3)
  }

  @Test func moreStreamsShareWhatOneHad() {
    var pace = Pace()
    pace.advance(produced: 2, elapsed: 1, streams: 1)
    #expect(pace.speed(among: 1, known: nil) == 2)
    #expect(pace.speed(among: 2, known: nil) == 1)
    #expect(pace.speed(among: 4, known: nil) == 0.5)
  }

  @Test func fewerStreamsGainNoMoreThanWasMeasured() {
    var pace = Pace()
    pace.advance(produced: 2, elapsed: 2, streams: 2)
    #expect(pace.speed(among: 1, known: nil) == 1)
    #expect(pace.speed(among: 1, known: 1.5) == 1.5)
    #expect(pace.speed(among: 1, known: 9) == 2)
    #expect(pace.speed(among: 1, known: 0.5) == 1)
  }
}

@Suite struct SpeedMemoryTests {
  @Test func tasksAreRememberedApart() {
    var memory = SpeedMemory()
    memory.record(8, .music, among: 1)
    #expect(memory.prediction(.speech, among: 1) == nil)
    memory.record(2, .speech, among: 1)
    #expect(memory.prediction(.music, among: 1) == 8)
    #expect(memory.prediction(.speech, among: 1) == 2)
  }

  @Test func numberOfStreamsThatWasNeverMeasuredIsPredicted() {
    var memory = SpeedMemory()
    memory.record(6, .music, among: 2)
    #expect(memory.prediction(.music, among: 3) == 4)
    #expect(memory.prediction(.music, among: 1) == 6)
    memory.record(9, .music, among: 1)
    #expect(memory.prediction(.music, among: 1) == 9)
    #expect(memory.prediction(.music, among: 2) == 6)
  }

  @Test func lastStreamsCountMost() {
    var memory = SpeedMemory()
    for _ in 0..<10 { memory.record(4, .speech, among: 1) }
    for _ in 0..<4 { memory.record(2, .speech, among: 1) }
    memory.record(.nan, .speech, among: 1)
    memory.record(0, .speech, among: 1)
    #expect(abs((memory.prediction(.speech, among: 1) ?? 0) - 2.125) < 1e-12)
  }
}
