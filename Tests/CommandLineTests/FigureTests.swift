import Testing

@testable import UniMoEAudio
@testable import unimoe_audio

@Suite struct FigureTests {
  @Test func numbersReadAsAPersonWritesThem() {
    #expect(Figure.seconds(3.416) == "3.42 s")
    #expect(Figure.seconds(42.25) == "42.3 s")
    #expect(Figure.factor(12.34) == "12.3x")
    #expect(Figure.duration(41.2) == "42 s")
    #expect(Figure.duration(200) == "3 min 20 s")
    #expect(Figure.duration(3900) == "1 h 05 min")
    #expect(Figure.duration(.infinity) == "a long time")
    #expect(Figure.bytes(1023) == "1023 B")
    #expect(Figure.bytes(14_319_009_792) == "13.3 GiB")
    #expect(Figure.count(7_159_504_896) == "7.16 billion")
    #expect(Figure.grouped(-1_234_567) == "-1,234,567")
    #expect(Figure.fixed(-0.004, 2) == "0.00")
    #expect(Figure.fixed(1.995, 1) == "2.0")
  }

  @Test func progressCountsBatchesBeforeAndAfter() {
    let batch = [
      GenerationProgress(phase: .generate, codeFramesDone: 10, codeFramesExpected: 100),
      GenerationProgress(phase: .queued, codeFramesDone: 0, codeFramesExpected: 100),
    ]
    let state = ProgressState(batch: batch, finishedFrames: 50, requestsAfterBatch: 2)
    #expect(state.done == 60)
    #expect(state.expected == 50 + 200 + 200)
    #expect(ProgressState(batch: [], finishedFrames: 0, requestsAfterBatch: 3).share == 0)
  }

  @Test func nounsAgreeWithTheirNumber() {
    #expect(
      [0, 1, 2, 1234].map { Figure.number($0, "client") } == ["0 clients", "1 client", "2 clients", "1,234 clients"])
  }
}
