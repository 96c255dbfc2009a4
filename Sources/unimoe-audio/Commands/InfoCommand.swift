import ArgumentParser
import UniMoEAudio

/// What a model is: sizes, parameters, bytes.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Show a model's sizes, parameters and bytes.",
    discussion: """
      EXAMPLES
        unimoe-audio info
        unimoe-audio info --model ~/models/unimoe-audio-7b --json
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    let summary = try ModelSummary(directory: try common.locateModel())
    if common.json {
      try JSONLine.print(ModelFacts(summary))
    } else {
      try StandardStreams.write(table(summary))
    }
  }

  private func table(_ model: ModelSummary) -> String {
    let style = TextStyle(isTerminal: StandardStreams.outputIsTerminal)
    let experts = model.experts
    let routing = model.routingTopP > 0 ? "top-p \(model.routingTopP)" : "a fixed number of experts"
    let limits = model.limits
    let rows: [(String, String?)] = [
      ("directory", model.directory),
      ("decoder", "\(model.layers) layers of width \(model.hiddenSize)"),
      ("attention", "\(model.heads.query) query heads, \(model.heads.keyValue) key/value heads"),
      ("experts", "\(experts.routed) routed, \(experts.null) null, \(experts.shared) shared per layer"),
      ("expert widths", "\(model.expertWidths.routed) routed, \(model.expertWidths.shared) shared"),
      ("routing", routing),
      (
        "vocabulary",
        "\(Figure.grouped(model.vocabularySize)) tokens, \(Figure.grouped(model.maximumPositions)) positions"
      ),
      ("codes", "\(model.codebooks) codebooks, \(Figure.fixed(model.codeRate, 1)) code frames per second"),
      ("delays", model.delays.map(String.init).joined(separator: " ")),
      ("speech plan", channels(model.planChannels.filter { !$0.isMusic })),
      ("music plan", channels(model.planChannels.filter(\.isMusic))),
      ("sound", "\(Figure.grouped(model.sampleRate)) Hz, mono"),
      (
        "longest result",
        model.planChannels.isEmpty
          ? Figure.seconds(Double(model.maximumPositions) / model.codeRate) + ", its prompt included"
          : "as long as text or notes are"
      ),
      ("speech by default", "at most " + Figure.seconds(Double(model.maximumCodeFrames.speech) / model.codeRate)),
      ("  from a text of", limits.textCharacters.map { "at most \(Figure.number($0, "character"))" }),
      ("  in a voice of", limits.voiceSeconds.map { "at most \(Figure.seconds($0))" }),
      ("music by default", "at most " + Figure.seconds(Double(model.maximumCodeFrames.music) / model.codeRate)),
      ("  kept in shape", model.longestMusicSeconds.map { "at most \(Figure.seconds($0))" }),
      ("speech sampling", describe(model.sampling.speech)),
      ("music sampling", describe(model.sampling.music)),
      ("decoder weights", describe(model.decoder)),
      ("  routed experts", describe(model.routedExperts)),
      ("codec weights", describe(model.codec)),
      ("in the files", describe(model.stored)),
    ]
    return rows.compactMap { name, value in
      value.map { style.dim(name + String(repeating: " ", count: 18 - name.count)) + $0 + "\n" }
    }.joined()
  }

  /// Channels with their codes and delays; `nil` where there are none.
  private func channels(_ channels: [ModelSummary.PlanChannel]) -> String? {
    channels.isEmpty
      ? nil
      : channels.map {
        "\($0.name) \($0.codes)\($0.isWritten ? "" : " given")\($0.delay > 0 ? " delay \($0.delay)" : "")"
      }.joined(separator: ", ")
  }

  private func describe(_ weights: ModelSummary.Weights) -> String {
    "\(Figure.count(weights.parameters)) parameters, \(Figure.bytes(weights.bytes))"
  }

  private func describe(_ sampling: Sampling) -> String {
    let guidance = "guidance \(sampling.guidanceScale)"
    guard sampling.isRandom else { return guidance + ", greedy" }
    return guidance + ", temperature \(sampling.temperature), top-k \(sampling.topK.map(String.init) ?? "off")"
      + ", top-p \(sampling.topP), end factor \(sampling.endFactor)"
  }
}

/// The same for machines.
private struct ModelFacts: Encodable {
  struct Experts: Encodable { let routed, null, shared: Int }
  struct Weights: Encodable { let parameters, bytes: Int }
  struct Channel: Encodable {
    let name, domain: String
    let codes, delay: Int
    let written: Bool
  }
  struct Rule: Encodable {
    let guidance, temperature, topP, endFactor: Float
    let topK: Int?
    let greedy: Bool
  }

  let directory: String
  let layers, hiddenSize, queryHeads, keyValueHeads, vocabularySize, maximumPositions: Int
  let experts: Experts
  let routedExpertWidth, sharedExpertWidth: Int
  let routingTopP: Float
  let codebooks, sampleRate, hopLength: Int
  let delays: [Int]
  let plan: [Channel]
  let codeRate, longestSpeechSeconds, longestMusicSeconds: Double
  let longestText: Int?
  let longestVoiceSeconds, longestSteadyMusicSeconds: Double?
  let speechSampling, musicSampling: Rule
  let decoderWeights, routedExpertWeights, codecWeights, storedWeights: Weights

  init(_ model: ModelSummary) {
    func rule(_ sampling: Sampling) -> Rule {
      Rule(
        guidance: sampling.guidanceScale, temperature: sampling.temperature, topP: sampling.topP,
        endFactor: sampling.endFactor, topK: sampling.topK, greedy: !sampling.isRandom)
    }
    func weights(_ weights: ModelSummary.Weights) -> Weights {
      Weights(parameters: weights.parameters, bytes: weights.bytes)
    }
    directory = model.directory
    layers = model.layers
    hiddenSize = model.hiddenSize
    queryHeads = model.heads.query
    keyValueHeads = model.heads.keyValue
    vocabularySize = model.vocabularySize
    maximumPositions = model.maximumPositions
    experts = Experts(routed: model.experts.routed, null: model.experts.null, shared: model.experts.shared)
    routedExpertWidth = model.expertWidths.routed
    sharedExpertWidth = model.expertWidths.shared
    routingTopP = model.routingTopP
    codebooks = model.codebooks
    sampleRate = model.sampleRate
    hopLength = model.hopLength
    delays = model.delays
    plan = model.planChannels.map {
      Channel(
        name: $0.name, domain: $0.isMusic ? "music" : "speech", codes: $0.codes, delay: $0.delay,
        written: $0.isWritten)
    }
    codeRate = model.codeRate
    longestSpeechSeconds = Double(model.maximumCodeFrames.speech) / model.codeRate
    longestMusicSeconds = Double(model.maximumCodeFrames.music) / model.codeRate
    longestText = model.limits.textCharacters
    longestVoiceSeconds = model.limits.voiceSeconds
    longestSteadyMusicSeconds = model.longestMusicSeconds
    speechSampling = rule(model.sampling.speech)
    musicSampling = rule(model.sampling.music)
    decoderWeights = weights(model.decoder)
    routedExpertWeights = weights(model.routedExperts)
    codecWeights = weights(model.codec)
    storedWeights = weights(model.stored)
  }
}
