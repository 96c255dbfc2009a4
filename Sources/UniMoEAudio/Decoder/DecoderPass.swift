/// One forward pass: which positions of which streams it covers, and the memory it works in, allocated once.
///
/// A step covers one position of each stream and reads every weight once for all of them. A prefill covers many
/// positions of the streams of one request. The two use different products, so that a step's result never depends on
/// how many streams share it.
final class DecoderPass {
  /// Which products a pass uses.
  enum Kind {
    /// Small-batch kernels, straight from the stored weights.
    case step
    /// Blocked matrix products.
    case prefill
  }

  /// One row: a position of a stream.
  struct Slot {
    /// The stream's cache, filled up to `position`.
    let cache: KeyValueCache
    /// The row's position in the stream, from 0.
    let position: Int
    /// The cache of another stream that has the same tokens up to this position: it receives the same keys and values.
    var twin: KeyValueCache?
  }

  let kind: Kind
  /// The rows of this pass.
  var slots: [Slot] = []
  /// The residual stream: embeddings before the pass, the last layer's output after it. `[rows, hidden]`
  let hidden: Activations

  let normed: Activations  // [rows, hidden]
  let query: Activations  // [rows, heads * headDimension]
  let key: Activations  // [rows, kvHeads * headDimension]
  let value: Activations  // [rows, kvHeads * headDimension]
  let attended: Activations  // [rows, heads * headDimension]
  let cosines: Activations  // [rows, headDimension / 2]
  let sines: Activations  // [rows, headDimension / 2]
  let scores: FloatBuffer  // [attention tasks, heads per KV head, positions]
  let scoresPerTask: Int
  let attentionBlocks: Int
  let routerLogits: Activations  // [rows, experts]
  let routerWeights: Activations  // [rows, experts]
  let experts: ExpertAssignment
  /// A one per row: the scales of a plain sum.
  let ones: FloatBuffer
  /// Receives what attention or an expert adds in a prefill, `[rows, hidden]`; no memory in a step.
  let branch: Activations
  /// The products of a prefill; no memory in a step.
  let products: MatrixProduct
  /// Logits of the codes, `[rows, codebooks * codeVocabulary]`; no memory in a prefill.
  let codeLogits: Activations
  /// Logits of the plan's written channels, `[rows, rows of all heads]`; no memory in a prefill or without a plan.
  let planLogits: Activations

  /// Allocates a pass of at most `rows` rows over streams of at most `positions` positions; `arithmetic` is a prefill's.
  init(
    _ kind: Kind, _ configuration: ModelConfiguration, rows: Int, positions: Int, arithmetic: PromptArithmetic = .exact
  ) throws(UniMoEError) {
    self.kind = kind
    let hiddenSize = configuration.hiddenSize
    let queryWidth = configuration.heads * configuration.headDimension
    let keyWidth = configuration.kvHeads * configuration.headDimension
    let experts = configuration.routedExperts + configuration.nullExperts + configuration.sharedExperts
    hidden = try Activations(rows: rows, width: hiddenSize)
    normed = try Activations(rows: rows, width: hiddenSize)
    query = try Activations(rows: rows, width: queryWidth)
    key = try Activations(rows: rows, width: keyWidth)
    value = try Activations(rows: rows, width: keyWidth)
    attended = try Activations(rows: rows, width: queryWidth)
    cosines = try Activations(rows: rows, width: configuration.headDimension / 2)
    sines = try Activations(rows: rows, width: configuration.headDimension / 2)
    // A prefill spreads its rows over a fixed number of blocks, each with its own scratch.
    attentionBlocks = min(rows, 16)
    scoresPerTask = configuration.heads / configuration.kvHeads * positions
    scores = try FloatBuffer(attentionBlocks * configuration.kvHeads * scoresPerTask)
    routerLogits = try Activations(rows: rows, width: experts)
    routerWeights = try Activations(rows: rows, width: experts)
    self.experts = try ExpertAssignment(kind, configuration, rows: rows)
    ones = try FloatBuffer(rows)
    ones.withPointer { $0.update(repeating: 1, count: rows) }
    let prefillRows = kind == .prefill ? rows : 0
    branch = try Activations(rows: prefillRows, width: hiddenSize)
    products = try MatrixProduct(
      rows: prefillRows,
      columns: max(hiddenSize, queryWidth, configuration.routedWidth, configuration.sharedWidth), arithmetic: arithmetic
    )
    codeLogits = try Activations(
      rows: kind == .step ? rows : 0, width: configuration.codebooks * configuration.codeVocabulary)
    planLogits = try Activations(rows: kind == .step ? rows : 0, width: configuration.plan?.headRows ?? 0)
  }
}
