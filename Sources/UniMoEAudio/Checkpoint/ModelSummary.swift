/// What a model directory holds, as far as its users choose by it; reads no weights.
public struct ModelSummary: Sendable {
  /// The directory as the caller named it.
  public let directory: String
  /// Decoder layers.
  public let layers: Int
  /// Width of the residual stream.
  public let hiddenSize: Int
  /// Query heads, and key and value heads.
  public let heads: (query: Int, keyValue: Int)
  /// Routed, null and shared experts per layer.
  public let experts: (routed: Int, null: Int, shared: Int)
  /// Inner width of a routed and of a shared expert.
  public let expertWidths: (routed: Int, shared: Int)
  /// Sum of probabilities up to which routed and null experts are taken; 0 where their number is fixed.
  public let routingTopP: Float
  /// Rows of the token embedding.
  public let vocabularySize: Int
  /// Longest sequence that the model was made for.
  public let maximumPositions: Int
  /// Steps by which each codebook lags; one per codebook.
  public let delays: [Int]
  /// Entries of each codebook.
  public let codebookSize: Int
  /// Samples per second of the sound it makes.
  public let sampleRate: Int
  /// Samples per code frame.
  public let hopLength: Int
  /// How codes are drawn unless a request says otherwise.
  public let sampling: (speech: Sampling, music: Sampling)
  /// Most code frames of a result, by the checkpoint's defaults.
  public let maximumCodeFrames: (speech: Int, music: Int)
  /// Texts and voices that it can take.
  public let speechLimits: SpeechLimits
  /// Seconds of the longest music that it keeps in shape; `nil` if it does not say.
  public let longestMusicSeconds: Double?
  /// Numbers in the tensors that generation reads, and their bytes: the decoder's.
  public let decoder: Weights
  /// The same of the routed experts alone, which are part of the decoder's.
  public let routedExperts: Weights
  /// Numbers in all tensors of the decoder's files, those that generation never touches included.
  public let stored: Weights
  /// The codec's.
  public let codec: Weights

  /// Numbers and bytes.
  public struct Weights: Equatable, Sendable {
    /// How many numbers.
    public var parameters = 0
    /// How many bytes they take in the files.
    public var bytes = 0

    mutating func add(_ tensor: Tensor) {
      parameters += tensor.count
      bytes += tensor.bytes.count
    }
  }

  /// The file of words and their phonemes; `nil` if the directory has none.
  public var lexiconPath: String? { Checkpoint.lexiconPath(in: directory) }

  /// Code frames per second of sound.
  public var codeRate: Double { Double(sampleRate) / Double(hopLength) }
  /// Codebooks of a code frame.
  public var codebooks: Int { delays.count }

  /// Reads a checkpoint directory.
  ///
  /// Throws `UniMoEError` of kind `model` for any file that is missing, broken or contradicts another.
  public init(directory: String) throws(UniMoEError) {
    let checkpoint = try Checkpoint(directory: directory)
    let codecCheckpoint = try CodecCheckpoint(directory: checkpoint.codecDirectory)
    let configuration = checkpoint.configuration
    self.directory = directory
    layers = configuration.layers
    hiddenSize = configuration.hiddenSize
    heads = (configuration.heads, configuration.kvHeads)
    experts = (configuration.routedExperts, configuration.nullExperts, configuration.sharedExperts)
    expertWidths = (configuration.routedWidth, configuration.sharedWidth)
    routingTopP = configuration.topP
    vocabularySize = configuration.vocabularySize
    maximumPositions = configuration.maximumPositions
    delays = configuration.delays
    codebookSize = codecCheckpoint.configuration.codebookSize
    sampleRate = codecCheckpoint.configuration.sampleRate
    hopLength = codecCheckpoint.configuration.hopLength
    let defaults = checkpoint.defaults
    sampling = (defaults.speech.sampling, defaults.music.sampling)
    speechLimits = defaults.speechLimits
    longestMusicSeconds = defaults.longestMusicSeconds
    let overhead = configuration.maximumDelay + 1
    maximumCodeFrames = (
      max(0, defaults.speech.maximumTokens - overhead), max(0, defaults.music.maximumTokens - overhead)
    )

    var stored = Weights()
    for name in checkpoint.tensors.names {
      if let tensor = checkpoint.tensors[name] { stored.add(tensor) }
    }
    self.stored = stored
    (decoder, routedExperts) = try Self.decoderWeights(checkpoint)
    var codec = Weights()
    for name in codecCheckpoint.tensors.names {
      if let tensor = codecCheckpoint.tensors[name] { codec.add(tensor) }
    }
    self.codec = codec
  }

  private static func decoderWeights(_ checkpoint: Checkpoint) throws(UniMoEError) -> (all: Weights, routed: Weights) {
    var all = Weights()
    var routed = Weights()
    let configuration = checkpoint.configuration
    let expected = configuration.outerTensors + (0..<configuration.layers).flatMap(configuration.tensors(ofLayer:))
    for (name, shape) in expected {
      let tensor = try checkpoint.tensors.tensor(name, shape: shape)
      all.add(tensor)
      if name.contains(".deepspeed_experts.") { routed.add(tensor) }
    }
    return (all, routed)
  }
}
