/// The plan channels of a checkpoint: what stands beside the codebooks of a code frame and says in symbols what their
/// codes say in sound (docs/plan-channels.md).
struct PlanConfiguration: Equatable, Sendable {
  /// The version of the format that is read.
  static let version = 1
  /// What the rows of all heads together are filled up to a multiple of.
  static let headMultiple = 32

  /// All channels, in the order of tables, heads and random numbers.
  let channels: [PlanChannel]
  /// Names of the phonemes by their numbers; number 0 is the pause.
  let phonemes: [String]
  /// Names of the instruments by the codes of `lead`.
  let instruments: [String]

  /// Where each channel's rows begin in `plan_head.weight`; meaningless for a channel that is not written.
  let headStarts: [Int]
  /// Rows of `plan_head.weight`; 0 where no channel is written, and there is no such tensor.
  let headRows: Int

  /// The channels that requests of a domain have, with their places among all channels.
  func channels(of domain: PlanChannel.Domain) -> [(index: Int, channel: PlanChannel)] {
    channels.enumerated().filter { $0.element.domain == domain }.map { (index: $0.offset, channel: $0.element) }
  }

  /// The name of a channel's embedding table.
  static func table(_ channel: PlanChannel) -> String { "plan_embed_tokens.\(channel.name.rawValue).weight" }
  /// The name of all heads below each other.
  static let head = "plan_head.weight"
}

/// One plan channel of N = `codes` codes, the special ones not counted.
struct PlanChannel: Equatable, Sendable {
  /// What a channel says.
  enum Name: String, CaseIterable, Sendable {
    /// The phoneme that is spoken, and the two after it.
    case phoneme, ahead1, ahead2
    /// What is played.
    case beat, tempo, lead, chord, melody, bass, drums

    /// The domain whose requests have it.
    var domain: Domain {
      switch self {
      case .phoneme, .ahead1, .ahead2: .speech
      case .beat, .tempo, .lead, .chord, .melody, .bass, .drums: .music
      }
    }
  }

  /// Which requests have a channel.
  enum Domain: String, Sendable { case speech, music }

  let name: Name
  /// How many codes it has.
  let codes: Int
  /// Whether the model has a head for it; a channel without is only given.
  let isWritten: Bool
  /// Rows by which it lags.
  let delay: Int

  /// The requests that have it.
  var domain: Domain { name.domain }
  /// The channel has ended.
  var eos: Int32 { Int32(codes) }
  /// After its end.
  var pad: Int32 { Int32(codes + 1) }
  /// Before its first code.
  var bos: Int32 { Int32(codes + 2) }
  /// Nobody says.
  var unknown: Int32 { Int32(codes + 3) }
  /// Rows of its embedding table.
  var rows: Int { codes + 4 }
  /// Rows of its head: its codes and the end.
  var headRows: Int { isWritten ? codes + 1 : 0 }
}

extension PlanConfiguration {
  /// Creates a plan whose heads lie below each other in the order of the channels.
  init(channels: [PlanChannel], phonemes: [String], instruments: [String]) {
    self.channels = channels
    self.phonemes = phonemes
    self.instruments = instruments
    var starts: [Int] = []
    var rows = 0
    for channel in channels {
      starts.append(rows)
      rows += channel.headRows
    }
    headStarts = starts
    headRows = (rows + Self.headMultiple - 1) / Self.headMultiple * Self.headMultiple
  }

  /// Reads the object `plan` of a `config.json`; `smallestDelay` is the codebooks'.
  init(_ file: PlanFile, _ check: RangeCheck, smallestDelay: Int) throws(UniMoEError) {
    let version = try check.integer(file.version, in: 1...65536, "plan.version")
    try check.require(version == Self.version, "plan.version", "\(Self.version)", "\(version)")
    try Self.check(names: file.phonemes, 1...1024, "plan.phonemes", check)
    try Self.check(names: file.instruments, 0...1024, "plan.instruments", check)
    try check.require(
      (1...PlanChannel.Name.allCases.count).contains(file.channels.count), "plan.channels",
      "1 to \(PlanChannel.Name.allCases.count) channels", "\(file.channels.count)")
    var channels: [PlanChannel] = []
    for (index, entry) in file.channels.enumerated() {
      let channel = try Self.channel(entry, "plan.channels[\(index)].", check, smallestDelay: smallestDelay)
      try check.require(
        !channels.contains { $0.name == channel.name }, "plan.channels[\(index)].name", "a name of its own",
        "\(entry.name) twice")
      let expected = Self.codes(of: channel.name, phonemes: file.phonemes.count, instruments: file.instruments.count)
      try check.require(
        channel.codes == expected, "plan.channels[\(index)].codes", "\(expected) for \(entry.name)",
        "\(channel.codes)")
      channels.append(channel)
    }
    try Self.checkTogether(channels, check)
    self.init(channels: channels, phonemes: file.phonemes, instruments: file.instruments)
  }

  /// How many codes a channel has.
  static func codes(of name: PlanChannel.Name, phonemes: Int, instruments: Int) -> Int {
    switch name {
    case .phoneme: 2 * phonemes
    case .ahead1, .ahead2: 3 * phonemes + 1
    case .beat: 192
    case .tempo: 56
    case .lead: instruments
    case .chord: 25
    case .melody: 257
    case .bass: 97
    case .drums: 8
    }
  }

  private static func channel(
    _ entry: PlanFile.Channel, _ prefix: String, _ check: RangeCheck, smallestDelay: Int
  ) throws(UniMoEError) -> PlanChannel {
    let names = PlanChannel.Name.allCases.map(\.rawValue).joined(separator: ", ")
    guard let name = PlanChannel.Name(rawValue: entry.name) else {
      throw UniMoEError(
        .model, check.path, field: prefix + "name", expected: "one of \(names)", found: quoted(entry.name))
    }
    try check.require(
      entry.domain == name.domain.rawValue, prefix + "domain", quoted(name.domain.rawValue), quoted(entry.domain))
    return PlanChannel(
      name: name, codes: try check.integer(entry.codes, in: 1...65536, prefix + "codes"), isWritten: entry.written,
      delay: try check.integer(entry.delay, in: 0...smallestDelay, prefix + "delay"))
  }

  /// A domain's channels that only make sense together.
  private static func checkTogether(_ channels: [PlanChannel], _ check: RangeCheck) throws(UniMoEError) {
    let names = channels.map(\.name)
    func require(_ needed: [PlanChannel.Name], of domain: PlanChannel.Domain) throws(UniMoEError) {
      guard names.contains(where: { $0.domain == domain }) else { return }
      for name in needed {
        try check.require(
          names.contains(name), "plan.channels", "\(name.rawValue) among the channels of \(domain.rawValue)", "none")
      }
    }
    try require([.phoneme, .ahead1, .ahead2], of: .speech)
    try require([.beat, .tempo], of: .music)
    for channel in channels where [.phoneme, .ahead1, .ahead2].contains(channel.name) {
      try check.require(
        channel.delay == 0 && channel.isWritten == (channel.name == .phoneme), "plan.channels.\(channel.name.rawValue)",
        channel.name == .phoneme ? "written, with delay 0" : "given, with delay 0",
        "\(channel.isWritten ? "written" : "given"), with delay \(channel.delay)")
    }
  }

  private static func check(
    names: [String], _ range: ClosedRange<Int>, _ field: String, _ check: RangeCheck
  ) throws(UniMoEError) {
    try check.require(
      range.contains(names.count), field, "\(range.lowerBound) to \(range.upperBound) names", "\(names.count)")
    try check.require(
      Set(names).count == names.count && !names.contains { $0.isEmpty || $0.utf8.count > 64 }, field,
      "different names of 1 to 64 bytes", "others")
  }
}

/// The object `plan` of `config.json` as it is written.
struct PlanFile: Decodable {
  struct Channel: Decodable {
    let name: String
    let domain: String
    let codes: JSONInteger
    let written: Bool
    let delay: JSONInteger
  }

  let version: JSONInteger
  let phonemes: [String]
  let instruments: [String]
  let channels: [Channel]
}
