import UniMoEAudio

/// A picture of which experts each code frame of a request used: one row per expert, the layers below each other, one
/// column per decoder step; the darker, the more weight.
struct RouteHeatMap {
  /// The routes to draw.
  let routes: RouteTrace
  /// What is written above the picture.
  let title: String
  /// Code frames per second of sound.
  let codeRate: Double

  private let rowHeight = 9.0
  private let layerGap = 8.0
  private let left = 96.0
  private let top = 64.0
  private let right = 24.0
  private let bottom = 52.0

  /// The picture as an SVG document.
  var svg: String {
    let height = top + Double(routes.layers) * layerHeight + bottom
    let width = left + plotWidth + right
    var document =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(number(width))\" height=\"\(number(height))\" "
      + "viewBox=\"0 0 \(number(width)) \(number(height))\" font-family=\"sans-serif\" font-size=\"10\">\n"
    document += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    document += text(left, 24, shortTitle, extra: "font-size=\"14\" fill=\"#1b2733\"")
    document += legend
    for layer in 0..<routes.layers { document += drawLayer(layer) }
    document += timeAxis(y: top + Double(routes.layers) * layerHeight)
    document += text(
      left, height - 8, "time of the decoder steps; each column is one step, the darker the more weight",
      extra: "fill=\"#5b6672\"")
    return document + "</svg>\n"
  }

  /// The title as far as there is room.
  private var shortTitle: String {
    let room = Int((plotWidth + right) / 8)
    return title.count > room ? String(title.prefix(room - 1)) + "…" : title
  }

  private var columnWidth: Double { max(1, min(10, 960 / Double(max(1, routes.steps)))) }
  private var plotWidth: Double { max(360, columnWidth * Double(routes.steps)) }
  private var layerHeight: Double { Double(routes.experts) * rowHeight + layerGap }

  private enum Kind: String, CaseIterable {
    case routed, null, shared
    var color: String {
      switch self {
      case .routed: "#0b6e8f"
      case .null: "#8a8f98"
      case .shared: "#b5651d"
      }
    }
  }

  private func kind(of expert: Int) -> Kind {
    expert < routes.routedExperts ? .routed : expert < routes.routedExperts + routes.nullExperts ? .null : .shared
  }

  private func drawLayer(_ layer: Int) -> String {
    let y = top + Double(layer) * layerHeight
    let height = Double(routes.experts) * rowHeight
    var part =
      "<rect x=\"\(number(left))\" y=\"\(number(y))\" width=\"\(number(plotWidth))\" height=\"\(number(height))\" "
      + "fill=\"#f3f5f7\"/>\n"
    part += text(8, y + 9, "layer \(layer)", extra: "fill=\"#1b2733\"")
    for expert in 0..<routes.experts { part += drawExpert(expert, layer: layer, y: y + Double(expert) * rowHeight) }
    return part
  }

  /// One row: neighbouring steps of equal shade become one rectangle.
  private func drawExpert(_ expert: Int, layer: Int, y: Double) -> String {
    var part = text(
      left - 4, y + rowHeight - 1.5, RouteTable.name(of: expert, in: routes),
      extra: "font-size=\"7\" text-anchor=\"end\" fill=\"\(kind(of: expert).color)\"")
    var step = 0
    while step < routes.steps {
      let shade = shade(step: step, layer: layer, expert: expert)
      var end = step + 1
      while end < routes.steps, self.shade(step: end, layer: layer, expert: expert) == shade { end += 1 }
      if shade > 0 {
        part +=
          "<rect x=\"\(number(left + Double(step) * columnWidth))\" y=\"\(number(y))\" "
          + "width=\"\(number(Double(end - step) * columnWidth))\" height=\"\(number(rowHeight - 1))\" "
          + "fill=\"\(kind(of: expert).color)\" fill-opacity=\"\(Figure.fixed(Double(shade) / 16, 2))\"/>\n"
      }
      step = end
    }
    return part
  }

  /// 0 where the expert was not chosen, else 3...16 by its weight.
  private func shade(step: Int, layer: Int, expert: Int) -> Int {
    let index = (step * routes.layers + layer) * routes.experts + expert
    guard routes.isChosen[index] else { return 0 }
    return 3 + Int((max(0, min(1, routes.weights[index])) * 13).rounded())
  }

  private var legend: String {
    var part = ""
    for (index, kind) in Kind.allCases.enumerated() {
      let x = left + Double(index) * 110
      part += "<rect x=\"\(number(x))\" y=\"38\" width=\"12\" height=\"12\" fill=\"\(kind.color)\"/>\n"
      part += text(x + 18, 48, "\(kind.rawValue) expert", extra: "fill=\"#1b2733\"")
    }
    return part
  }

  private func timeAxis(y: Double) -> String {
    let seconds = Double(routes.steps) / codeRate
    let mark = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60].first { seconds / $0 <= 12 } ?? 120
    var part = ""
    var time = 0.0
    while time <= seconds + 1e-9 {
      let x = left + time * codeRate * columnWidth
      part +=
        "<line x1=\"\(number(x))\" y1=\"\(number(y))\" x2=\"\(number(x))\" y2=\"\(number(y + 5))\" stroke=\"#1b2733\"/>\n"
      part += text(
        x, y + 18, Figure.fixed(time, mark < 1 ? 1 : 0) + " s", extra: "text-anchor=\"middle\" fill=\"#1b2733\"")
      time += mark
    }
    return part
  }

  private func text(_ x: Double, _ y: Double, _ text: String, extra: String) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\" \(extra)>\(Self.escape(text))</text>\n"
  }

  private func number(_ value: Double) -> String { Figure.fixed(value, 1) }

  /// Text as it may stand in XML; control characters, which XML cannot hold, become spaces.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case let other where other.value < 0x20 || other.value == 0xFFFE || other.value == 0xFFFF: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
