import Foundation
import Testing

@testable import UniMoEAudio
@testable import unimoe_audio

@Suite struct RouteTests {
  /// Two steps, two layers; two routed, one null and one shared expert.
  private var routes: RouteTrace {
    var routes = RouteTrace(layers: 2, routedExperts: 2, nullExperts: 1, sharedExperts: 1)
    routes.append(
      weights: [0.6, 0, 0, 0.4, 0.3, 0.3, 0, 0.4], isChosen: [true, false, false, true, true, true, false, true])
    routes.append(
      weights: [0.2, 0, 0.2, 0.6, 0, 0, 0.5, 0.5], isChosen: [true, false, true, true, false, false, true, true])
    return routes
  }

  @Test func expertsAreNamedByKind() {
    #expect((0..<4).map { RouteTable.name(of: $0, in: routes) } == ["routed 0", "routed 1", "null 0", "shared 0"])
  }

  @Test func tableCountsStepsAndWeights() {
    let table = RouteTable(routes: routes)
    #expect(table.cell(layer: 0, expert: 0).share == 1)
    #expect(abs(table.cell(layer: 0, expert: 0).meanWeight - 0.4) < 1e-6)
    #expect(table.cell(layer: 0, expert: 1) == RouteTable.Cell(share: 0, meanWeight: 0))
    #expect(table.cell(layer: 0, expert: 2).share == 0.5)
    #expect(table.capacity(layer: 0) == 1)
    #expect(table.capacity(layer: 1) == 1)
  }

  @Test func heatMapIsWellFormedAndDrawsEveryChoice() throws {
    let svg = RouteHeatMap(routes: routes, title: "a < b & \"c\"\u{1}", codeRate: 50).svg
    let parser = SVGCounter()
    #expect(parser.count(svg))
    // Background, three marks of the legend, one ground per layer, and one rectangle per run of equal shade.
    #expect(parser.rectangles == 1 + 3 + 2 + 10)
    #expect(parser.texts.contains("a < b & \"c\" "))
    #expect(parser.texts.contains("layer 1"))
  }

  @Test func heatMapOfNothingIsStillAPicture() {
    let empty = RouteTrace(layers: 1, routedExperts: 1, nullExperts: 0, sharedExperts: 0)
    #expect(SVGCounter().count(RouteHeatMap(routes: empty, title: "", codeRate: 50).svg))
  }
}

/// Counts what is drawn; a small reader of what the heat map writes: tags, attributes, text.
private final class SVGCounter {
  var rectangles = 0
  var texts: [String] = []
  private var open: [String] = []

  /// Whether all tags are closed in order.
  func count(_ svg: String) -> Bool {
    for part in svg.split(separator: "<").dropFirst(0) {
      let pieces = part.split(separator: ">", maxSplits: 1, omittingEmptySubsequences: false)
      guard pieces.count == 2 else { return false }
      let name = String(pieces[0].prefix { $0 != " " && $0 != "/" })
      if pieces[0].hasPrefix("/") {
        guard open.popLast() == String(pieces[0].dropFirst()) else { return false }
      } else if !pieces[0].hasSuffix("/") {
        open.append(name)
      }
      if name == "rect" { rectangles += 1 }
      if name == "text" { texts.append(Self.plain(String(pieces[1]))) }
    }
    return open.isEmpty
  }

  private static func plain(_ text: String) -> String {
    text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
      .replacing("&amp;", with: "&")
  }
}
