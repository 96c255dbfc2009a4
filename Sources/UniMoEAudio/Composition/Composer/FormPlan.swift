/// The order of a piece's sections.
struct FormPlan: Equatable, Sendable {
  /// What a section is there for.
  enum Purpose: Equatable, Sendable {
    /// Without melody, before the first theme.
    case introduction
    case body
    /// The last chord, where it has a bar of its own.
    case ending
  }

  /// One section.
  struct Section: Equatable, Sendable {
    let purpose: Purpose
    /// The theme's letter; one that was heard before returns.
    let theme: String
    let bars: Int
    /// How many times the theme was heard before.
    let visit: Int
    /// Whether its last phrase ends on the tonic.
    let closes: Bool
    /// Whether the whole piece ends with it.
    let isLast: Bool
  }

  /// The letters of a form with so many sections of one length.
  static func letters(_ form: Genre.Form, count: Int) -> [String] {
    let cycle =
      switch form {
      case .song: ["A", "A", "B", "A"]
      case .refrain: ["A", "B", "A", "B", "C", "B"]
      case .rondo: ["A", "B", "A", "C", "A"]
      case .binary: ["A", "A", "B", "B"]
      case .variations, .blues, .round: ["A"]
      case .loop: ["A", "A", "B", "A"]
      }
    switch (form, count) {
    case (_, 1): return ["A"]
    case (.variations, _), (.blues, _), (.round, _): return Array(repeating: "A", count: count)
    case (_, 2): return form == .refrain ? ["A", "B"] : ["A", "A"]
    case (_, 3): return form == .refrain ? ["A", "B", "B"] : ["A", "B", "A"]
    case (.refrain, 4): return ["A", "B", "A", "B"]
    default: break
    }
    // A longer piece goes through the form again, and ends with the section with which the form ends.
    var letters = (0..<count).map { cycle[$0 % cycle.count] }
    letters[count - 1] = cycle[cycle.count - 1]
    return letters
  }

  /// The sections of a piece of so many bars, its last bar being that of the last chord.
  static func sections(_ form: Genre.Form, bars: Int) -> [Section] {
    guard bars > 3 else {
      return [Section(purpose: .body, theme: "A", bars: bars, visit: 0, closes: true, isLast: true)]
    }
    let unit = form == .blues && bars >= 12 ? 12 : bars >= 24 && form != .round ? 8 : 4
    let (count, rest) = (bars / unit, bars % unit)
    var sections: [Section] = []
    // What is over: a bar for the last chord, the others before the first theme; four of them are a section more.
    let tag = rest % 4 == 0 ? 0 : 1
    let extra = (rest - tag) / 4
    let introduction = rest - tag - 4 * extra
    if introduction > 0 {
      sections.append(
        Section(purpose: .introduction, theme: "A", bars: introduction, visit: 0, closes: false, isLast: false))
    }
    var sizes = Array(repeating: unit, count: count)
    if extra > 0 { sizes.insert(4 * extra, at: max(0, count - 1)) }
    var visits: [String: Int] = [:]
    for (index, letter) in letters(form, count: sizes.count).enumerated() {
      let isEnd = index == sizes.count - 1
      let closes = isEnd ? tag == 0 : index % 2 == 1 || letter != "A" || form == .blues
      sections.append(
        Section(
          purpose: .body, theme: letter, bars: sizes[index], visit: visits[letter, default: 0], closes: closes,
          isLast: isEnd && tag == 0))
      visits[letter, default: 0] += 1
    }
    if tag == 1 {
      sections.append(Section(purpose: .ending, theme: "A", bars: 1, visit: 0, closes: true, isLast: true))
    }
    return sections
  }

  /// The section that comes `index`-th in music without an end: the form again and again, with new themes each second
  /// time.
  static func endless(_ form: Genre.Form, index: Int) -> Section {
    let cycle = letters(form, count: form == .refrain ? 6 : 4)
    let (round, place) = (index / cycle.count, index % cycle.count)
    let letter = cycle[place]
    let before = cycle[..<place].count { $0 == letter } + (round % 2 == 1 ? cycle.count { $0 == letter } : 0)
    return Section(
      purpose: .body, theme: round < 2 ? letter : "\(letter)\(round / 2)", bars: form == .blues ? 12 : 8, visit: before,
      closes: place % 2 == 1 || letter != "A", isLast: false)
  }
}
