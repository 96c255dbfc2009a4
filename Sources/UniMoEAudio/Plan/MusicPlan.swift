/// The plan of music: each channel is given, drawn from the model, or known to nobody.
final class MusicPlan: PlanSource {
  var marks: [Mark] = []
  let word: Int? = nil
  let decidesEnd: Bool
  var longestCodeFrames: Int? { given?.codeFrames }

  /// Codes whose chance is below this share of the likeliest's are not drawn.
  private static let farFetched = 0.02

  private let given: GivenPlan?
  private let codeRate: Double
  private let drawn: Set<PlanChannel.Name>
  private let channels: [PlanChannel]
  /// The last decision of each channel that the model draws.
  private var held: [PlanChannel.Name: Int32] = [:]
  /// The codes of `beat` of all code frames so far, where they are known.
  private var beats: [Int32] = []

  /// A plan of which some channels are given and, with `draws`, the model draws the others that it can write.
  ///
  /// - Throws: kind `request` for a channel that the model does not have, or a code that it does not know.
  init(_ given: GivenPlan?, draws: Bool, _ plan: PlanConfiguration, codeRate: Double) throws(UniMoEError) {
    let channels = plan.channels(of: .music).map(\.channel)
    for (name, codes) in given?.codes ?? [:] {
      guard let channel = channels.first(where: { $0.name.rawValue == name }) else {
        throw UniMoEError(
          .request, "plan", field: name, expected: channels.map(\.name.rawValue).joined(separator: ", "),
          found: "a channel that the model does not have")
      }
      let range = GivenPlan.unknown...Int32(channel.codes - 1)
      if let frame = codes.firstIndex(where: { !range.contains($0) }) {
        throw UniMoEError(
          .request, "plan", field: "\(name)[\(frame)]", expected: "0 to \(channel.codes - 1), or -1",
          found: "\(codes[frame])")
      }
    }
    self.given = given
    self.codeRate = codeRate
    self.channels = channels
    drawn = draws ? Set(channels.filter { $0.isWritten && given?.codes[$0.name.rawValue] == nil }.map(\.name)) : []
    decidesEnd = given != nil
  }

  func isUnknown(_ channel: PlanChannel) -> Bool {
    if isGiven(channel.name) || drawn.contains(channel.name) { return false }
    return channel.name != .beat || !(isGiven(.tempo) || drawn.contains(.tempo))
  }

  func begins(codeFrame: Int, _ logits: PlanLogits) -> Bool {
    if let given, codeFrame >= given.codeFrames { return false }
    if codeFrame == 0 {
      for channel in channels where drawn.contains(channel.name) && channel.delay == 0 {
        held[channel.name] = draw(channel, in: codeFrame, logits)
      }
    }
    if let beat = beat(codeFrame) { beats.append(beat) }
    return true
  }

  func code(of channel: PlanChannel, in codeFrame: Int, _ logits: PlanLogits) -> Int32? {
    if let codes = given?.codes[channel.name.rawValue] {
      let code = codeFrame < codes.count ? codes[codeFrame] : GivenPlan.unknown
      return code == GivenPlan.unknown ? nil : code
    }
    if channel.name == .beat { return codeFrame < beats.count ? beats[codeFrame] : nil }
    guard drawn.contains(channel.name) else { return nil }
    let isLate = channel.delay > 0
    if isLate && isDecided(channel.name, codeFrame) {
      held[channel.name] = draw(channel, in: codeFrame, logits)
    } else if channel.name == .drums && codeFrame > 0 {
      return 0
    }
    return held[channel.name]
  }

  private func isGiven(_ name: PlanChannel.Name) -> Bool { given?.codes[name.rawValue] != nil }

  private func beat(_ codeFrame: Int) -> Int32? {
    if let codes = given?.codes[PlanChannel.Name.beat.rawValue] { return codes[codeFrame] }
    let tempo = given?.codes[PlanChannel.Name.tempo.rawValue]?.first ?? held[.tempo]
    return tempo.flatMap { $0 < 0 ? nil : BeatClock(tempo: $0, codeRate: codeRate)[codeFrame] }
  }

  private func isDecided(_ channel: PlanChannel.Name, _ codeFrame: Int) -> Bool {
    guard codeFrame > 0, codeFrame < beats.count else { return codeFrame == 0 }
    return BeatClock.decides(channel, beats[codeFrame], after: beats[codeFrame - 1])
  }

  private func draw(_ channel: PlanChannel, in codeFrame: Int, _ logits: PlanLogits) -> Int32 {
    let row = logits.row(channel)
    var chances = Softmax(UnsafeBufferPointer(rebasing: row.prefix(channel.codes))).probabilities
    let likeliest = Softmax.likeliest(chances)
    if logits.isGreedy { return Int32(likeliest) }
    let least = Self.farFetched * chances[likeliest]
    for index in chances.indices where chances[index] < least { chances[index] = 0 }
    return Int32(Softmax.draw(chances, logits.uniforms(of: channel, in: codeFrame).first))
  }
}
