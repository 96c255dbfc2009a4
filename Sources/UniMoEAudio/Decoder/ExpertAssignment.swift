/// Which rows each expert of a layer works for, with its weights: experts that no row chose do not appear, and null
/// experts never do.
final class ExpertAssignment: @unchecked Sendable {
  /// The rows of one expert.
  struct Group {
    /// Routed experts first, then shared ones from `routedExperts` on.
    let expert: Int
    /// Where the group begins in the flat arrays below.
    let start: Int
    /// How many rows chose the expert.
    let count: Int
  }

  /// The experts at work, in ascending order.
  private(set) var groups: [Group] = []
  /// Row indices, group after group.
  private(set) var rows: [Int]
  /// Intermediate activations `[rows, widest expert]`: in a step of each (expert, row) pair, in a prefill of the expert
  /// at work.
  let intermediate: Activations

  /// Weights of the rows, group after group.
  private let scales: FloatBuffer
  /// Keep what the pointers below lead to.
  private var input: Activations?
  private var output: Activations?
  /// Row pointers of the pairs into the expert input and the residual stream, for the kernels.
  private let inputPointers: UnsafeMutablePointer<UnsafePointer<Float>?>
  private let outputPointers: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>

  private let routedExperts: Int
  private let nullExperts: Int
  private let sharedExperts: Int

  /// Allocates for at most `rows` rows.
  init(_ kind: DecoderPass.Kind, _ configuration: ModelConfiguration, rows: Int) throws(UniMoEError) {
    routedExperts = configuration.routedExperts
    nullExperts = configuration.nullExperts
    sharedExperts = configuration.sharedExperts
    let pairs = rows * (routedExperts + sharedExperts)
    self.rows = Array(repeating: 0, count: pairs)
    scales = try FloatBuffer(pairs)
    intermediate = try Activations(
      rows: kind == .step ? pairs : rows, width: max(configuration.routedWidth, configuration.sharedWidth))
    inputPointers = .allocate(capacity: max(pairs, 1))
    outputPointers = .allocate(capacity: max(pairs, 1))
    groups.reserveCapacity(routedExperts + sharedExperts)
  }

  deinit {
    inputPointers.deallocate()
    outputPointers.deallocate()
  }

  /// Groups `rows` rows by expert, from the routing weights `[rows, experts]`.
  func assign(
    rows rowCount: Int, weights: Activations, isChosen: UnsafePointer<Bool>, input: Activations, output: Activations
  ) {
    groups.removeAll(keepingCapacity: true)
    (self.input, self.output) = (input, output)
    let columns = routedExperts + nullExperts + sharedExperts
    var pair = 0
    Activations.withRows(weights, input, output) { weights, input, output in
      scales.withPointer { scales in
        for expert in 0..<routedExperts + sharedExperts {
          let column = expert < routedExperts ? expert : expert + nullExperts
          let start = pair
          for row in 0..<rowCount where isChosen[row * columns + column] {
            rows[pair] = row
            scales[pair] = weights[row][column]
            inputPointers[pair] = UnsafePointer(input[row])
            outputPointers[pair] = output[row]
            pair += 1
          }
          if pair > start { groups.append(Group(expert: expert, start: start, count: pair - start)) }
        }
      }
    }
  }

  /// The rows of one group, which mean nothing outside `withRows`.
  struct Rows {
    /// Pointers to the expert input rows.
    let inputs: UnsafePointer<UnsafePointer<Float>?>
    /// Pointers to the residual rows.
    let outputs: UnsafePointer<UnsafeMutablePointer<Float>?>
    /// The rows' weights.
    let scales: UnsafePointer<Float>
  }

  /// Calls `body` with the rows of a group.
  @inline(__always)
  func withRows(_ group: Group, _ body: (Rows) -> Void) {
    scales.withPointer { scales in
      body(
        Rows(
          inputs: UnsafePointer(inputPointers) + group.start, outputs: UnsafePointer(outputPointers) + group.start,
          scales: UnsafePointer(scales) + group.start))
    }
    withExtendedLifetime(self) {}
  }
}
