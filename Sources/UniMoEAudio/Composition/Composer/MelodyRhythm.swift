/// The rhythms of which a genre's melodies are put together.
///
/// A cell is a list of lengths in twelfths of a quarter note; a negative one is a rest. Cells of two beats (24) make bars
/// of four; cells of three (36) make bars of three.
struct MelodyRhythm: Sendable {
  let twoBeats: [([Int], weight: Int)]
  let threeBeats: [([Int], weight: Int)]

  /// The lengths of one bar, which begin with a note rather than with a rest if asked.
  func bar(of twelfths: Int, isCompound: Bool, beginsWithNote: Bool, random: inout RandomStream) -> [Int] {
    var lengths: [Int] = []
    while lengths.reduce(0, { $0 + abs($1) }) < twelfths {
      let left = twelfths - lengths.reduce(0) { $0 + abs($1) }
      var cell =
        if isCompound {
          random.choose(Self.compound)
        } else if left == 36 {
          random.choose(threeBeats)
        } else if left >= 24 {
          random.choose(twoBeats)
        } else {
          [left]
        }
      if isCompound, left < 18 { cell = [left] }
      if beginsWithNote, lengths.isEmpty, let first = cell.first, first < 0 { cell[0] = -first }
      lengths += cell
    }
    return lengths
  }

  /// Cells of a dotted quarter note.
  private static let compound: [([Int], weight: Int)] = [([18], 2), ([12, 6], 4), ([6, 6, 6], 3), ([6, 12], 1)]

  private static let lyricalThree: [([Int], weight: Int)] = [
    ([36], 1), ([24, 12], 5), ([12, 12, 12], 4), ([18, 6, 12], 3), ([12, 24], 1), ([12, 6, 6, 12], 2),
    ([6, 6, 12, 12], 2), ([12, 12, 6, 6], 2),
  ]

  static let lyrical = MelodyRhythm(
    twoBeats: [([24], 2), ([12, 12], 5), ([18, 6], 4), ([12, 6, 6], 4), ([6, 6, 12], 2), ([6, 6, 6, 6], 2)],
    threeBeats: lyricalThree)
  static let pop = MelodyRhythm(
    twoBeats: [
      ([12, 12], 3), ([6, 6, 12], 3), ([6, 12, 6], 4), ([18, 6], 3), ([9, 9, 6], 3), ([-6, 6, 6, 6], 3),
      ([6, 6, 6, 6], 2), ([24], 1), ([12, -6, 6], 2),
    ], threeBeats: lyricalThree)
  static let swing = MelodyRhythm(
    twoBeats: [
      ([6, 6, 6, 6], 5), ([12, 6, 6], 4), ([18, 6], 3), ([-6, 6, 6, 6], 3), ([6, 12, 6], 3), ([12, -6, 6], 2),
      ([4, 4, 4, 12], 2), ([24], 1), ([-6, 18], 1),
    ], threeBeats: [([12, 6, 6, 6, 6], 3), ([24, 6, 6], 3), ([18, 6, 12], 3), ([12, 24], 2), ([-6, 6, 12, 12], 2)])
  static let riff = MelodyRhythm(
    twoBeats: [
      ([12, 12], 3), ([6, 6, 6, 6], 3), ([12, 6, 6], 4), ([6, 12, 6], 3), ([18, 6], 2), ([6, 6, 12], 3), ([24], 1),
    ], threeBeats: lyricalThree)
  static let sixteenths = MelodyRhythm(
    twoBeats: [
      ([3, 3, 6, 6, 6], 3), ([9, 3, 12], 2), ([6, 3, 3, 12], 3), ([-6, 6, 3, 3, 6], 3), ([9, 9, 6], 3),
      ([3, 6, 3, 12], 2), ([-3, 3, 6, 12], 2), ([6, 6, -12], 2), ([12, -3, 3, 6], 2),
    ], threeBeats: lyricalThree)
  static let floating = MelodyRhythm(
    twoBeats: [([24], 6), ([12, 12], 3), ([-12, 12], 2), ([18, 6], 1)],
    threeBeats: [([36], 4), ([24, 12], 3), ([-12, 24], 2), ([12, 24], 1)])
  static let dotted = MelodyRhythm(
    twoBeats: [([9, 3, 12], 3), ([12, 12], 4), ([12, 9, 3], 3), ([9, 3, 9, 3], 2), ([6, 6, 12], 2), ([24], 1)],
    threeBeats: lyricalThree)
  static let running = MelodyRhythm(
    twoBeats: [
      ([6, 6, 6, 6], 5), ([12, 6, 6], 3), ([6, 3, 3, 6, 6], 3), ([12, 3, 3, 3, 3], 2), ([12, 12], 2), ([18, 3, 3], 1),
    ],
    threeBeats: [
      ([6, 6, 6, 6, 6, 6], 3), ([12, 6, 6, 6, 6], 3), ([12, 12, 6, 6], 2), ([18, 6, 12], 2), ([24, 12], 1),
    ])
}
