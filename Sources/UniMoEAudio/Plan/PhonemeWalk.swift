import Glibc

/// The plan of speech: a walk through the states of a text, at the model's pace. It never skips a phoneme, never goes
/// back, and ends only behind the last one (docs/plan-channels.md, "The walk").
final class PhonemeWalk: PlanSource {
  let decidesEnd = true
  /// Three times as long as texts usually take; all states at their longest take far more.
  var longestCodeFrames: Int? {
    let usual = Double(Self.generousFrames * states.states.count) / min(settings.speed, 1)
    return Int(usual.rounded(.up)) + settings.longestPause
  }
  private(set) var word: Int?
  var marks: [Mark] = []

  /// Together the chances of all options, at which none of them is preferred.
  private static let negligible = 1e-7

  /// Code frames per state that no speaker needs on the average.
  private static let generousFrames = 15

  private let words: [SpokenWord]
  private let states: PhonemeStates
  private let settings: WalkSettings
  private let phoneme: PlanChannel
  /// Where the walk is; `nil` in front of the first state.
  private var place: Int?
  /// Flips with every state that is entered, so that a phoneme said twice is told from a long one.
  private var parity = 1
  /// The product of the chances of staying since the state was entered.
  private var survival = 1.0
  private var threshold = 0.0
  /// Code frames of the present state.
  private var run = 0

  /// A walk through words.
  ///
  /// - Throws: kind `request` for a phoneme that the model does not know, or words without any.
  init(_ words: [SpokenWord], _ plan: PlanConfiguration, settings: WalkSettings) throws(UniMoEError) {
    guard let phoneme = plan.channels.first(where: { $0.name == .phoneme }) else {
      throw UniMoEError(
        .model, "config.json", field: "plan.channels", expected: "a channel for phonemes", found: "none")
    }
    self.phoneme = phoneme
    self.words = words
    self.settings = settings
    states = try PhonemeStates(words, phonemes: plan.phonemes)
  }

  func isUnknown(_ channel: PlanChannel) -> Bool { false }

  func begins(codeFrame: Int, _ logits: PlanLogits) -> Bool {
    let chances = Softmax(logits.row(phoneme), temperature: settings.temperature).probabilities
    let options = states.options(after: place)
    var weights = options.map { chances[2 * states.states[$0].phoneme + 1 - parity] }
    let mayEnd = states.mayEnd(after: place)
    if mayEnd { weights.append(chances[Int(phoneme.eos)]) }
    if stays(chances, leave: weights.reduce(0, +)) {
      run += 1
      return true
    }
    let uniforms = logits.uniforms(of: phoneme, in: codeFrame)
    let option = choose(weights, states: options.count, uniforms.first, logits.isGreedy)
    let next = option < options.count ? options.lowerBound + option : nil
    tell(from: place, to: next, codeFrame)
    guard let next else { return false }
    place = next
    parity = 1 - parity
    survival = 1
    run = 1
    threshold = settings.centre + (logits.isGreedy ? 0 : settings.spread * (uniforms.second - 0.5))
    return true
  }

  func code(of channel: PlanChannel, in codeFrame: Int, _ logits: PlanLogits) -> Int32? {
    guard let place else { return nil }
    let state = states.states[place]
    return switch channel.name {
    case .phoneme: Int32(2 * state.phoneme + parity)
    case .ahead1: state.ahead[0]
    case .ahead2: state.ahead[1]
    default: nil
    }
  }

  /// Whether the present state lasts one code frame more; takes its chance off the survival.
  private func stays(_ chances: [Double], leave: Double) -> Bool {
    guard let place else { return false }
    let state = states.states[place]
    var stay = chances[2 * state.phoneme + parity]
    if settings.isRenormalised { stay = stay + leave > 0 ? stay / (stay + leave) : 0 }
    survival *= pow(stay, settings.speed)
    let longest = state.word == nil ? settings.longestPause : settings.longestPhoneme
    return run < longest && survival >= threshold
  }

  /// Which of the options comes: one of `states` states, or the end behind them.
  private func choose(_ weights: [Double], states: Int, _ uniform: Double, _ isGreedy: Bool) -> Int {
    if weights.reduce(0, +) <= Self.negligible { return max(0, states - 1) }
    return isGreedy ? Softmax.likeliest(weights) : Softmax.draw(weights, uniform)
  }

  /// Marks the ends and beginnings of words where the walk goes on to another state or its end.
  private func tell(from old: Int?, to new: Int?, _ codeFrame: Int) {
    let left = old.flatMap { states.states[$0].word }
    let entered = new.flatMap { states.states[$0].word }
    if left == entered { return }
    if let left {
      marks.append(Mark(kind: .wordEnd, word: left, textRange: words[left].range, codeFrame: codeFrame))
    }
    if let entered {
      word = entered
      marks.append(Mark(kind: .wordStart, word: entered, textRange: words[entered].range, codeFrame: codeFrame))
    }
  }
}
