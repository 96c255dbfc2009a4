import ArgumentParser
import UniMoEAudio

/// Which experts the code frames of a request used.
struct RoutesCommand: ParsableCommand, TakesText {
  static let configuration = CommandConfiguration(
    commandName: "routes",
    abstract: "Show which experts each code frame of a request used.",
    discussion: """
      Speaks the text (or, with --music, composes the caption) and shows the routing
      of every decoder step: as a table, as JSON, or as an SVG picture with one row
      per expert and one column per step. Of a model with plan channels the JSON has
      the plan too.

      EXAMPLES
        unimoe-audio routes "Good morning."
        unimoe-audio routes --music "A calm piano piece." --svg routes.svg
        unimoe-audio routes "Good morning." --json | jq '.capacity'
      """)

  @OptionGroup var text: TextInput

  @Flag(help: "Take the text as the caption of a piece of music.")
  var music = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Speak in this voice instead of the default one.", valueName: "name"))
  var voice: String?

  @Option(
    name: [.long, .customShort("o"), .customLong("output")],
    help: ArgumentHelp("Draw a heat map into this SVG file.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var svg: String?

  @OptionGroup var prompt: PromptOptions
  @OptionGroup(title: "Sampling") var generation: GenerationOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    try generation.check()
    if music, voice != nil {
      throw CommandFailure(.usage, "--voice: cannot be combined with --music")
    }
    let picture = try svg.map { path in
      guard path.lowercased().hasSuffix(".svg") else {
        throw CommandFailure(.usage, "--svg: expected a name that ends in .svg, found \(path)")
      }
      return try OutputFile(path, option: "--svg")
    }
    let text = try text.read()
    let model = try ModelSummary(directory: try common.locateModel())
    let voice = music ? nil : try Voices(modelDirectory: model.directory).load(voice, for: model)
    let inputs = self.text.inputs(and: model, voiceFile: voice?.path)
    try OutputFile.checkDistinct([picture].compactMap { $0 }, inputs: inputs)
    let content = voice.map { Request.Content.speech(text: text, voice: $0.voice) } ?? .music(caption: text)
    let performance = try Performance(model: model, common: common, arithmetic: prompt.arithmetic)
    let defaults = music ? model.sampling.music : model.sampling.speech
    var request = generation.request(content, over: defaults)
    // What a model with a plan says of a text is what speak says of it; others see the text as it is.
    if model.hasSpeechPlan { request.reading = .english }
    let outcome = try performance.make([request], verb: "Recording routes", recordsRoutes: true)
    guard let result = outcome.results.first, let routes = result.routes else {
      throw CommandFailure(.software, "routes: the engine recorded none")
    }
    try show(routes, result.plan, of: text, codeRate: model.codeRate, in: picture)
  }

  private func show(
    _ routes: RouteTrace, _ plan: GivenPlan?, of text: String, codeRate: Double, in picture: OutputFile?
  ) throws {
    if let picture {
      let map = RouteHeatMap(routes: routes, title: text, codeRate: codeRate)
      try picture.write(Array(map.svg.utf8))
    }
    if common.json {
      try JSONLine.print(Facts(routes, plan))
    } else if !common.quiet {
      let style = TextStyle(isTerminal: StandardStreams.outputIsTerminal)
      var table = RouteTable(routes: routes).text(style: style)
      table += style.dim("\(routes.steps) decoder steps; percent of them that chose each expert") + "\n"
      if let picture { table += "\(style.green(picture.path))  heat map\n" }
      try StandardStreams.write(table)
    }
  }

  /// The routes for machines: per step and layer the chosen experts and their weights.
  private struct Facts: Encodable {
    struct Choice: Encodable {
      let experts: [Int]
      let weights: [Float]
    }

    let layers, routedExperts, nullExperts, sharedExperts, steps: Int
    let names: [String]
    let capacity: [Double]
    let use: [[RouteTable.Cell]]
    let routes: [[Choice]]
    /// A code per channel and code frame, -1 where nobody said; absent of a model without a plan.
    let plan: [String: [Int32]]?

    init(_ trace: RouteTrace, _ given: GivenPlan?) {
      plan = given?.codes
      let table = RouteTable(routes: trace)
      layers = trace.layers
      routedExperts = trace.routedExperts
      nullExperts = trace.nullExperts
      sharedExperts = trace.sharedExperts
      steps = trace.steps
      names = (0..<trace.experts).map { RouteTable.name(of: $0, in: trace) }
      capacity = (0..<trace.layers).map(table.capacity)
      use = (0..<trace.layers).map { layer in (0..<trace.experts).map { table.cell(layer: layer, expert: $0) } }
      routes = (0..<trace.steps).map { step in
        (0..<trace.layers).map { layer in
          let start = (step * trace.layers + layer) * trace.experts
          let chosen = (0..<trace.experts).filter { trace.isChosen[start + $0] }
          return Choice(experts: chosen, weights: chosen.map { trace.weights[start + $0] })
        }
      }
    }
  }
}
