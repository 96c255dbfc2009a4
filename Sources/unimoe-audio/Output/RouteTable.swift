import UniMoEAudio

/// How often each expert of each layer was used, and with what weight.
struct RouteTable {
  /// The routes to count.
  let routes: RouteTrace

  /// One expert of one layer.
  struct Cell: Equatable, Encodable {
    /// Part of the decoder steps that chose it, 0...1.
    var share: Double
    /// Mean of its weight over the steps that chose it.
    var meanWeight: Double
  }

  /// `routed 3`, `null 0` or `shared 1`.
  static func name(of expert: Int, in routes: RouteTrace) -> String {
    if expert < routes.routedExperts { return "routed \(expert)" }
    let rest = expert - routes.routedExperts
    return rest < routes.nullExperts ? "null \(rest)" : "shared \(rest - routes.nullExperts)"
  }

  /// How an expert of a layer was used.
  func cell(layer: Int, expert: Int) -> Cell {
    var chosen = 0
    var weight = 0.0
    for step in 0..<routes.steps {
      let index = (step * routes.layers + layer) * routes.experts + expert
      if routes.isChosen[index] {
        chosen += 1
        weight += Double(routes.weights[index])
      }
    }
    return Cell(
      share: routes.steps == 0 ? 0 : Double(chosen) / Double(routes.steps),
      meanWeight: chosen == 0 ? 0 : weight / Double(chosen))
  }

  /// Mean number of routed experts that a step of a layer chose: its capacity.
  func capacity(layer: Int) -> Double {
    (0..<routes.routedExperts).reduce(0) { $0 + cell(layer: layer, expert: $1).share }
  }

  /// The table as text: one line per layer, one column per expert, percent of the code frames.
  func text(style: TextStyle) -> String {
    let names = (0..<routes.experts).map { Self.name(of: $0, in: routes) }
    var lines = [style.bold("layer  capacity" + names.map { pad($0, 10) }.joined())]
    for layer in 0..<routes.layers {
      var line = pad("\(layer)", 5) + pad(Figure.fixed(capacity(layer: layer), 2), 10)
      for expert in 0..<routes.experts {
        let share = cell(layer: layer, expert: expert).share
        let figure = pad(Figure.fixed(100 * share, 0) + " %", 10)
        line += share == 0 ? style.dim(figure) : share < 0.5 ? figure : style.cyan(figure)
      }
      lines.append(line)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }
}
