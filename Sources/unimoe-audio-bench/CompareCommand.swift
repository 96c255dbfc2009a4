import ArgumentParser
import Foundation
import RandomModel
import UniMoEAudio

/// Measures everything: the default model, and a random checkpoint of the real model's shapes cut to a few layers.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Measure all rows; prints a table and writes JSON.")

  @Option(help: "Folder of the repository.")
  var root = "."
  @Option(help: "Folder for the random checkpoints, made once and kept: about 7 GB.")
  var work = "build/bench"
  @Option(help: "JSON file to write.")
  var output = "build/bench/result.json"
  @Option(help: "Measurements of each row at least; the best counts.")
  var rounds = 3
  @Option(help: "Seconds that further measurements of a row may take.")
  var budget = 5.0
  @Option(help: "Threads of both sides; 0 means one per core.")
  var threads = 0
  @Option(help: "What is counted: wall, or processor, for one thread on a busy machine.")
  var clock = BenchmarkClock.wall
  @Option(help: "Python with PyTorch; without one the engine is measured alone.")
  var python = "python3"
  @Option(help: "Only checkpoints whose name contains this: default-fp32, default-bf16, real-4-layers-bf16, …-fp32.")
  var only = ""

  /// A checkpoint in one precision.
  private struct Subject {
    let model: String
    let precision: String
    /// PyTorch's name of the precision.
    let torchType: String
    /// How long the audio is that the codec works on; `nil` leaves the codec out.
    let codecSeconds: Double?
  }

  private static let subjects = [
    Subject(model: "default", precision: "fp32", torchType: "float32", codecSeconds: 10),
    Subject(model: "default", precision: "bf16", torchType: "bfloat16", codecSeconds: nil),
    Subject(model: "real-4-layers", precision: "fp32", torchType: "float32", codecSeconds: 4),
    Subject(model: "real-4-layers", precision: "bf16", torchType: "bfloat16", codecSeconds: nil),
  ]

  func run() throws {
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    ReadBenchmark.useThreads(threads)
    let script = "\(root)/benchmarks/pytorch/worker.py"
    let worker = PyTorchWorker(python: python, script: script, threads: Machine.threads, clock: clock.rawValue)
    if worker == nil { note("\(python) has no PyTorch: the engine is measured alone") }
    var report = Report(
      date: ISO8601DateFormatter().string(from: Date()),
      machine: machineFacts(threads: Machine.threads, clock: clock.rawValue, kernels: Machine.kernelPath.rawValue),
      pytorch: worker?.version)
    for subject in Self.subjects where only.isEmpty || "\(subject.model)-\(subject.precision)".contains(only) {
      note("\(subject.model), \(subject.precision)")
      report.rows += try rows(subject, worker: worker, script: script)
      report.compareWithReadBandwidth()
      try report.write(to: output)
    }
    print(report.table)
    note("written to \(output)")
  }

  private func rows(_ subject: Subject, worker: PyTorchWorker?, script: String) throws -> [Row] {
    let directory = try checkpoint(subject)
    let comparison = Comparison(
      model: subject.model, precision: subject.precision, rounds: rounds, budget: budget, clock: clock, worker: worker,
      note: note)
    var rows = try comparison.decoder(directory: directory, torchType: subject.torchType)
    if let seconds = subject.codecSeconds { rows += try comparison.codec(directory: directory, seconds: seconds) }
    let theirs = [
      "/usr/bin/env", python, script, "once", directory, subject.torchType, String(Machine.threads),
    ]
    return try rows
      + ShortLife(model: subject.model, precision: subject.precision, rounds: rounds).rows(
        engine: [CommandLine.arguments[0], "once", directory], pytorch: worker == nil ? nil : theirs)
  }

  /// The checkpoint's directory; a random checkpoint is written if it is not there yet.
  private func checkpoint(_ subject: Subject) throws -> String {
    if subject.model == "default" { return "\(root)/models/default" }
    let source = "\(root)/benchmarks/configs/\(subject.model)"
    let directory = "\(work)/\(subject.model)-\(subject.precision)"
    if FileManager.default.fileExists(atPath: "\(directory)/config.json") { return directory }
    note("writing \(directory)")
    var checkpoint = RandomCheckpoint(configurationPath: "\(source)/config.json")
    checkpoint.precision = subject.precision == "fp32" ? .f32 : .bf16
    checkpoint.codecConfigurationPath = "\(source)/codec/config.json"
    try checkpoint.write(to: directory)
    return directory
  }

  private func note(_ text: String) { FileHandle.standardError.write(Data("bench: \(text)\n".utf8)) }
}

extension BenchmarkClock: ExpressibleByArgument {}
