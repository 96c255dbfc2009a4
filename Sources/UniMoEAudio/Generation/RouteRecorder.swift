/// Keeps which experts the conditional stream of each request used, step by step.
final class RouteRecorder: DecoderObserver {
  /// One trace per request.
  private(set) var traces: [RouteTrace]

  private let layers: Int
  private let experts: Int
  /// The request that a row of the current step is the conditional stream of.
  private var requestOfRow: [Int?] = []
  /// Weights and choices of the current step, per request `[layers, experts]`.
  private var weights: [[Float]]
  private var isChosen: [[Bool]]
  private var running: [Int] = []

  /// Prepares for a batch.
  init(_ configuration: ModelConfiguration, requests: Int) {
    let trace = RouteTrace(
      layers: configuration.layers, routedExperts: configuration.routedExperts,
      nullExperts: configuration.nullExperts, sharedExperts: configuration.sharedExperts)
    traces = Array(repeating: trace, count: requests)
    layers = trace.layers
    experts = trace.experts
    weights = Array(repeating: Array(repeating: 0, count: layers * experts), count: requests)
    isChosen = Array(repeating: Array(repeating: false, count: layers * experts), count: requests)
  }

  /// Says which requests the next step is of.
  func beginStep(of requests: [Int], _ streams: [RequestStream]) {
    running = requests
    requestOfRow = []
    for (request, stream) in zip(requests, streams) {
      if stream.unconditional != nil { requestOfRow.append(nil) }
      requestOfRow.append(request)
    }
  }

  /// Appends the step to the traces of its requests.
  func endStep() {
    for request in running { traces[request].append(weights: weights[request], isChosen: isChosen[request]) }
  }

  func layer(_ layer: Int, row: Int, routed routing: Routing) {
    guard let request = requestOfRow[row] else { return }
    for expert in 0..<experts {
      weights[request][layer * experts + expert] = routing.weights[expert]
      isChosen[request][layer * experts + expert] = routing.isChosen[expert]
    }
  }
}
