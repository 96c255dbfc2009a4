/// A model directory, opened: what it holds, as far as its users choose by it. Reads no weights.
///
/// It keeps the files open, so that an engine made of it opens nothing twice.
public struct ModelSummary: Sendable {
  let checkpoint: Checkpoint
  let codecCheckpoint: CodecCheckpoint

  /// Opens a checkpoint directory.
  ///
  /// Throws `UniMoEError` of kind `model` for any file that is missing, broken or contradicts another.
  public init(directory: String) throws(UniMoEError) {
    checkpoint = try Checkpoint(directory: directory)
    codecCheckpoint = try CodecCheckpoint(directory: checkpoint.codecDirectory)
  }

  private var configuration: ModelConfiguration { checkpoint.configuration }
  private var defaults: GenerationDefaults { checkpoint.defaults }

  /// The directory as the caller named it.
  public var directory: String { checkpoint.directory }
  /// Texts and voices that it can take.
  public var limits: ModelLimits { defaults.limits }
  /// Seconds of the longest music that it keeps in shape; `nil` if it does not say.
  public var longestMusicSeconds: Double? { defaults.limits.musicSeconds }
  /// The file of words and their phonemes; `nil` if the directory has none.
  public var lexiconPath: String? { Checkpoint.lexiconPath(in: directory) }
}

extension ModelSummary {
  /// Decoder layers.
  public var layers: Int { configuration.layers }
  /// Width of the residual stream.
  public var hiddenSize: Int { configuration.hiddenSize }
  /// Query heads, and key and value heads.
  public var heads: (query: Int, keyValue: Int) { (configuration.heads, configuration.kvHeads) }
  /// Routed, null and shared experts per layer.
  public var experts: (routed: Int, null: Int, shared: Int) {
    (configuration.routedExperts, configuration.nullExperts, configuration.sharedExperts)
  }
  /// Inner width of a routed and of a shared expert.
  public var expertWidths: (routed: Int, shared: Int) { (configuration.routedWidth, configuration.sharedWidth) }
  /// Sum of probabilities up to which routed and null experts are taken; 0 where their number is fixed.
  public var routingTopP: Float { configuration.topP }
  /// Rows of the token embedding.
  public var vocabularySize: Int { configuration.vocabularySize }
  /// Longest sequence that the model was made for.
  public var maximumPositions: Int { configuration.maximumPositions }
  /// Codebooks of a code frame.
  public var codebooks: Int { configuration.codebooks }
  /// Steps by which each codebook lags; one per codebook.
  public var delays: [Int] { configuration.delays }
  /// Entries of each codebook.
  public var codebookSize: Int { codecCheckpoint.configuration.codebookSize }
  /// Samples per second of the sound it makes.
  public var sampleRate: Int { codecCheckpoint.configuration.sampleRate }
  /// Samples per code frame.
  public var hopLength: Int { codecCheckpoint.configuration.hopLength }
  /// Code frames per second of sound.
  public var codeRate: Double { Double(sampleRate) / Double(hopLength) }
  /// How codes are drawn unless a request says otherwise.
  public var sampling: (speech: Sampling, music: Sampling) { (defaults.speech.sampling, defaults.music.sampling) }
  /// Most code frames of a result, by the checkpoint's defaults.
  public var maximumCodeFrames: (speech: Int, music: Int) {
    let overhead = configuration.maximumDelay + 1
    return (max(0, defaults.speech.maximumTokens - overhead), max(0, defaults.music.maximumTokens - overhead))
  }
}

extension ModelSummary {
  /// A channel that stands beside the codebooks and says in symbols what is said or played.
  public struct PlanChannel: Equatable, Sendable {
    /// Its name in `config.json`.
    public var name: String
    /// Whether requests of music have it; otherwise those of speech.
    public var isMusic: Bool
    /// How many codes it has, the special ones not counted.
    public var codes: Int
    /// Whether the model can draw it; a channel of which it cannot is only given.
    public var isWritten: Bool
    /// Steps by which it lags.
    public var delay: Int
  }

  /// The channels of the model's plan in the order of `config.json`; empty without a plan.
  public var planChannels: [PlanChannel] {
    (configuration.plan?.channels ?? []).map {
      PlanChannel(
        name: $0.name.rawValue, isMusic: $0.domain == .music, codes: $0.codes, isWritten: $0.isWritten,
        delay: $0.delay)
    }
  }
  /// How long the sounds of a text last unless a request says otherwise.
  public var walk: WalkSettings { defaults.walk }
  /// Whether music can be given as notes, and is composed by rule where it is not.
  public var hasMusicPlan: Bool { planChannels.contains(where: \.isMusic) }
  /// Whether speech walks through the phonemes of its text, so that it tells when words are said.
  public var hasSpeechPlan: Bool { planChannels.contains { !$0.isMusic } }
}

extension ModelSummary {
  /// Numbers and bytes.
  public struct Weights: Equatable, Sendable {
    /// How many numbers.
    public var parameters = 0
    /// How many bytes they take in the files.
    public var bytes = 0

    fileprivate init(_ names: some Sequence<String>, in tensors: TensorStore) {
      for name in names {
        guard let tensor = tensors[name] else { continue }
        parameters += tensor.count
        bytes += tensor.bytes.count
      }
    }
  }

  /// Numbers in the tensors that generation reads, and their bytes: the decoder's.
  public var decoder: Weights { Weights(configuration.tensors.lazy.map(\.name), in: checkpoint.tensors) }
  /// The same of the routed experts alone, which are part of the decoder's.
  public var routedExperts: Weights {
    let experts = (0..<layers).lazy.flatMap { LayerTensors(configuration, layer: $0).routed }
    return Weights(experts.flatMap(\.all).map(\.name), in: checkpoint.tensors)
  }
  /// Numbers in all tensors of the decoder's files, those that generation never touches included.
  public var stored: Weights { Weights(checkpoint.tensors.names, in: checkpoint.tensors) }
  /// The codec's.
  public var codec: Weights { Weights(codecCheckpoint.tensors.names, in: codecCheckpoint.tensors) }
}
