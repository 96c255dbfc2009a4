import FoundationEssentials
import UniMoEAudio

/// One piece to compose.
struct ScoreRequest {
  let caption: String?
  let attributes: MusicAttributes
  let understood: [CaptionReader.Understanding]
  let brief: Brief
  let isExcerpt: Bool
  /// How many captions are written for it.
  let captions: Int

  init(caption: String?, seed: UInt64, seconds: Double?, hasEnding: Bool, isExcerpt: Bool, captions: Int) {
    self.caption = caption
    (attributes, understood) = caption.map(CaptionReader.read) ?? (MusicAttributes(), [])
    brief = Brief(attributes, seed: seed, seconds: seconds, hasEnding: hasEnding && !isExcerpt)
    (self.isExcerpt, self.captions) = (isExcerpt, captions)
  }

  /// The piece.
  var score: Score { isExcerpt ? Composer.excerpt(brief) : Composer.compose(brief) }

  /// The piece as a line of JSON.
  func line(withPlan: Bool, leadIn: Int) -> String {
    let score = score
    return ScoreRecord(
      score: score, brief: brief, caption: caption,
      captions: captions > 0 ? CaptionWriter.captions(of: brief, count: captions) : nil,
      plan: withPlan ? (ScorePlan(score, leadIn: leadIn), leadIn) : nil
    ).json + "\n"
  }
}

/// The pieces that a command is asked for.
struct ScoreRequests {
  let all: [ScoreRequest]

  init(_ command: ScoreCommand) throws {
    if let path = command.batch {
      guard command.text.words.isEmpty, command.text.file == nil else {
        throw CommandFailure(.usage, "--batch: expected no caption beside it")
      }
      all = try Self.batch(path, command)
      return
    }
    let isOpen = command.random && command.text.words.isEmpty && command.text.file == nil
    let caption = isOpen ? nil : try command.text.read()
    let shortest = command.seconds
    all = (0..<(command.count ?? 1)).map { index in
      let seed = command.seed &+ UInt64(index)
      var seconds = shortest
      if let shortest, let longest = command.longest {
        seconds = Brief.length(from: shortest, to: longest, seed: seed)
      }
      return ScoreRequest(
        caption: caption, seed: seed, seconds: seconds, hasEnding: true, isExcerpt: command.excerpt,
        captions: command.random ? command.captions ?? 4 : 0)
    }
  }

  /// The pieces as lines of JSON.
  func lines(withPlan: Bool, leadIn: Int) -> String {
    all.map { $0.line(withPlan: withPlan, leadIn: leadIn) }.joined()
  }

  private struct Line: Decodable {
    let caption: String?
    let seed: UInt64?
    let seconds: Double?
    let ends: Bool?
  }

  private static func batch(_ path: String, _ command: ScoreCommand) throws -> [ScoreRequest] {
    var input = TextInput()
    (input.words, input.file) = path == "-" ? (["-"], nil) : ([], path)
    let (name, bytes) = try input.source()
    let text = try TextInput.decode(bytes, name: name)
    var requests: [ScoreRequest] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      var request = Line(caption: String(line), seed: nil, seconds: nil, ends: nil)
      if line.first(where: { !$0.isWhitespace }) == "{" {
        do {
          request = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
        } catch {
          throw CommandFailure(
            .badData,
            "\(name): line \(number + 1): expected a JSON object with caption, seed, seconds and ends, found another")
        }
      }
      if let seconds = request.seconds, !Brief.lengths.contains(seconds) {
        throw CommandFailure(
          .badData,
          "\(name): line \(number + 1): seconds: expected \(Brief.lengths.lowerBound) to "
            + "\(Brief.lengths.upperBound), found \(seconds)")
      }
      requests.append(
        ScoreRequest(
          caption: request.caption, seed: request.seed ?? command.seed &+ UInt64(requests.count),
          seconds: request.seconds ?? command.seconds, hasEnding: request.ends ?? true, isExcerpt: command.excerpt,
          captions: request.caption == nil ? 4 : 0))
    }
    guard !requests.isEmpty else {
      throw CommandFailure(.badData, "\(name): expected at least one line, found none")
    }
    return requests
  }
}
