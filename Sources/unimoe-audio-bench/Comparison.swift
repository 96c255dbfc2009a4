import Foundation
import UniMoEAudio

/// Measures one checkpoint on both sides, in turns, so that both see the same machine.
struct Comparison {
  let model: String
  let precision: String
  let rounds: Int
  /// Seconds that more rounds of a row may take.
  let budget: Double
  let clock: BenchmarkClock
  let worker: PyTorchWorker?
  let note: (String) -> Void

  private static let promptLengths = [128, 512]
  private static let stepCases = [
    (requests: 1, context: 200), (requests: 4, context: 200), (requests: 1, context: 1000),
  ]
  private static let stepsPerRun = 16

  private typealias Seconds = (engine: Double, pytorch: Double?)

  // MARK: Language model

  /// Prefill and steps.
  func decoder(directory: String, torchType: String) throws -> [Row] {
    let decoder = try DecoderBenchmark(modelDirectory: directory, clock: clock)
    try worker?.ask("open", ["model": directory, "dtype": torchType])
    defer { _ = try? worker?.ask("close") }
    var rows: [Row] = []
    for positions in Self.promptLengths { rows.append(try prefill(decoder, positions: positions)) }
    if torchType == "bfloat16" {
      let fast = try DecoderBenchmark(modelDirectory: directory, clock: clock, promptArithmetic: .bfloat16)
      for positions in Self.promptLengths {
        var row = try prefill(fast, positions: positions, name: "fast prefill")
        row.details = try cost(of: fast, against: decoder, positions: positions)
        rows.append(row)
      }
    }
    for (requests, context) in Self.stepCases { rows.append(try steps(decoder, requests: requests, context: context)) }
    return rows
  }

  private func prefill(_ decoder: DecoderBenchmark, positions: Int, name: String = "prefill") throws -> Row {
    let seconds = try inTurns(
      engine: { try decoder.prefill(positions: positions) },
      pytorch: { try $0.measure("prefill", ["positions": positions]) })
    return row("\(name) of 2 streams of \(positions)", "tokens/s", Double(2 * positions), seconds)
  }

  /// How far the logits of the first step after a fast prompt are from those after an exact one.
  private func cost(
    of fast: DecoderBenchmark, against exact: DecoderBenchmark, positions: Int
  ) throws -> [String: Double] {
    for decoder in [fast, exact] {
      try decoder.prepareSteps(requests: 1, context: positions, steps: 1)
      _ = try decoder.runSteps()
    }
    let details = [
      "largestLogitDifferenceFromExact": largestDifference(fast.logits, exact.logits),
      "largestLogit": exact.logits.reduce(0) { max($0, Double(abs($1))) },
    ]
    note("  after \(positions): \(details)")
    return details
  }

  private func steps(_ decoder: DecoderBenchmark, requests: Int, context: Int) throws -> Row {
    let count = Self.stepsPerRun
    try decoder.prepareSteps(requests: requests, context: context, steps: count)
    let traffic = try decoder.measureTraffic()
    let theirs = try worker?.ask("prepare_steps", ["requests": requests, "context": context, "steps": count])
    let read = try ReadBenchmark(bytes: 512 << 20, clock: clock)
    var bandwidth = 0.0
    let seconds = try inTurns(
      engine: {
        bandwidth = max(bandwidth, try read.run())
        let seconds = try decoder.runSteps()
        bandwidth = max(bandwidth, try read.run())
        return seconds
      },
      pytorch: { try $0.measure("steps") })
    var details = [
      "weightBytesPerStep": traffic.weightBytesPerStep, "routedExpertsPerStep": traffic.routedExpertsPerStep,
      "readBandwidth": bandwidth,
    ]
    details["pytorchRoutedExpertsPerStep"] = theirs?["routed_experts"] as? Double
    details["largestLogitDifference"] = try worker.map { largestDifference(decoder.logits, try $0.floats("logits")) }
    return row("steps of \(requests) × 2 streams at \(context)", "steps/s", Double(count), seconds, details)
  }

  // MARK: Codec

  /// Both directions of the codec, whose weights are fp32 in every checkpoint.
  func codec(directory: String, seconds: Double) throws -> [Row] {
    let codec = try CodecBenchmark(modelDirectory: directory, seconds: seconds, clock: clock)
    let sizes = ["samples": codec.samples, "frames": codec.codeFrames]
    try worker?.ask("open_codec", ["directory": "\(directory)/codec", "dtype": "float32"])
    defer { _ = try? worker?.ask("close") }
    let encoding = try inTurns(engine: { try codec.encode() }, pytorch: { try $0.measure("encode", sizes) })
    let decoding = try inTurns(engine: { try codec.decode() }, pytorch: { try $0.measure("decode", sizes) })
    var encodeDetails: [String: Double] = [:]
    var decodeDetails: [String: Double] = [:]
    if let worker {
      let theirs = try worker.floats("codec_results", sizes)
      let codes = theirs.prefix(codec.codes.count)
      encodeDetails["differingCodes"] = Double(zip(codes, codec.codes).filter { Int32($0) != $1 }.count)
      decodeDetails["largestSampleDifference"] = largestDifference(codec.audio, Array(theirs[codes.endIndex...]))
    }
    let length = String(format: "%g s", codec.seconds)
    return [
      row("codec encode of \(length)", "× real time", codec.seconds, encoding, encodeDetails),
      row("codec decode of \(length)", "× real time", codec.seconds, decoding, decodeDetails),
    ]
  }

  // MARK: Turns

  /// The least seconds of each side: `rounds` measurements, and more while the budget lasts.
  private func inTurns(engine: () throws -> Double, pytorch: (PyTorchWorker) throws -> Double) throws -> Seconds {
    var best = (engine: Double.infinity, pytorch: Double.infinity)
    let start = ContinuousClock.now
    var round = 0
    while round < max(1, rounds) || (ContinuousClock.now - start).seconds < budget {
      round += 1
      best.engine = min(best.engine, try engine())
      if let worker { best.pytorch = min(best.pytorch, try pytorch(worker)) }
    }
    return (best.engine, worker == nil ? nil : best.pytorch)
  }

  private func row(
    _ work: String, _ unit: String, _ amount: Double, _ seconds: Seconds, _ details: [String: Double] = [:]
  ) -> Row {
    let row = Row(
      model: model, precision: precision, work: work, unit: unit, engine: amount / seconds.engine,
      pytorch: seconds.pytorch.map { amount / $0 }, details: details)
    let theirs = row.pytorch.map { String(format: "%.4g", $0) } ?? "–"
    note("  \(work): \(String(format: "%.4g", row.engine)) \(unit), PyTorch \(theirs) \(details)")
    return row
  }

  private func largestDifference(_ first: [Float], _ second: [Float]) -> Double {
    guard first.count == second.count else { return .greatestFiniteMagnitude }
    return Double(zip(first, second).reduce(0) { max($0, abs($1.0 - $1.1)) })
  }
}

extension Duration {
  var seconds: Double { self / .seconds(1) }
}
