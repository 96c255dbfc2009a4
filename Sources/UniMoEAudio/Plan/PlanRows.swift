/// The rows of a domain's plan channels: what each position of the decoder's audio part reads (docs/plan-channels.md,
/// "Rows").
struct PlanRows: Equatable, Sendable {
  /// The channels, with their places among all channels.
  let channels: [(index: Int, channel: PlanChannel)]
  /// Which channels nobody knows anything of; they have no BOS, EOS or PAD.
  private let unknownChannels: [Bool]
  /// All rows so far, `[rows, channels]`.
  private(set) var values: [Int32] = []

  static func == (left: PlanRows, right: PlanRows) -> Bool {
    left.values == right.values && left.unknownChannels == right.unknownChannels
      && left.channels.map(\.channel) == right.channels.map(\.channel)
  }

  /// No rows yet, of the channels of a domain.
  init(
    _ plan: PlanConfiguration, _ domain: PlanChannel.Domain, isUnknown: (PlanChannel) -> Bool = { _ in false }
  ) {
    channels = plan.channels(of: domain)
    unknownChannels = channels.map { isUnknown($0.channel) }
  }

  /// Whether nobody knows anything of any channel.
  var isUnknown: Bool { unknownChannels.allSatisfy { $0 } }

  /// How many rows there are.
  var count: Int { channels.isEmpty ? 0 : values.count / channels.count }

  /// Appends the next row.
  ///
  /// - Parameters:
  ///   - length: Code frames of the result; `nil` before its end is known.
  ///   - code: The code of a channel in a code frame; `nil` where nobody says.
  mutating func append(length: Int?, _ code: (_ channel: PlanChannel, _ codeFrame: Int) -> Int32?) {
    let row = count
    for (place, (_, channel)) in channels.enumerated() {
      let codeFrame = row - channel.delay - 1
      values.append(
        unknownChannels[place]
          ? channel.unknown
          : codeFrame < 0
            ? channel.bos
            : length.map { codeFrame >= $0 } == true
              ? (codeFrame == length ? channel.eos : channel.pad)
              : code(channel, codeFrame) ?? channel.unknown)
    }
  }

  /// A row's codes with the places of their channels, as an embedding takes them.
  func embedded(_ row: Int) -> [(channel: Int, code: Int32)] {
    channels.indices.map { (channels[$0].index, values[row * channels.count + $0]) }
  }

  /// A row of which nobody knows anything, as an embedding takes it.
  var unknown: [(channel: Int, code: Int32)] { channels.map { ($0.index, $0.channel.unknown) } }

  /// A row of a window that begins at another position: BOS where no code frame stands yet.
  func embedded(_ row: Int, inWindowRow position: Int) -> [(channel: Int, code: Int32)] {
    channels.indices.map { place in
      let (index, channel) = channels[place]
      let isBefore = position <= channel.delay && !unknownChannels[place]
      return (index, isBefore ? channel.bos : values[row * channels.count + place])
    }
  }
}
