import UniMoEAudio

/// A file that says when the words of a text are heard: marks as JSON, or subtitles.
struct MarksFile {
  /// What it is written as.
  enum Format: String, CaseIterable {
    /// An array of objects: what is marked, as it was written, and seconds.
    case json
    /// Subtitles of a line each.
    case srt
    /// The same, in which the words have their times.
    case vtt
  }

  /// The file.
  let file: OutputFile
  private let format: Format

  /// The longest line of a subtitle, in characters, that further words are added to.
  private static let lineLength = 42

  /// Takes a path whose ending says the format, and makes sure that it can be written.
  init(_ path: String) throws {
    let name = path.lowercased()
    guard let format = Format.allCases.first(where: { name.hasSuffix(".\($0.rawValue)") }) else {
      throw CommandFailure(.usage, "--marks: expected a name that ends in .json, .srt or .vtt, found \(path)")
    }
    self.format = format
    file = try OutputFile(path, option: "--marks")
  }

  /// Writes the words of a text.
  func write(_ words: [WordTimes.Word], of text: String) throws {
    let lines = SubtitleLine.lines(of: words, in: text, longest: Self.lineLength)
    let contents: String
    switch format {
    case .json: contents = try JSONLine.text(words.map { Mark($0, text) }) + "\n"
    case .srt: contents = lines.enumerated().map { "\($0 + 1)\n\($1.srt)\n" }.joined(separator: "\n")
    case .vtt: contents = "WEBVTT\n\n" + lines.map { $0.vtt + "\n" }.joined(separator: "\n")
    }
    try file.write(Array(contents.utf8))
  }

  /// A mark for machines.
  private struct Mark: Encodable {
    let kind = "word"
    let text: String
    let start, end: Double

    private enum CodingKeys: CodingKey { case kind, text, start, end }

    init(_ word: WordTimes.Word, _ whole: String) {
      text = whole.slice(word.range)
      (start, end) = (word.start, word.end)
    }
  }
}

/// A line of subtitles.
struct SubtitleLine: Equatable {
  /// Words with what stands around them, the space before included, and when they begin.
  private(set) var words: [(text: String, start: Double)] = []
  /// When the last one has ended.
  private(set) var end = 0.0

  static func == (one: SubtitleLine, other: SubtitleLine) -> Bool {
    one.end == other.end && one.words.elementsEqual(other.words) { $0 == $1 }
  }

  /// The line as it is read.
  var text: String { words.map(\.text).joined() }

  /// The line as SubRip has it, without its number.
  var srt: String {
    "\(Self.time(words[0].start, point: ",")) --> \(Self.time(end, point: ","))\n\(text)"
  }

  /// The line as WebVTT has it, each word behind its time.
  var vtt: String {
    var line = ""
    var latest = words[0].start
    for word in words {
      let written = word.text.drop { $0 == " " }
      if written.count < word.text.count { line += " " }
      if word.start > latest && word.start < end { line += "<\(Self.time(word.start, point: "."))>" }
      latest = max(latest, word.start)
      line += written.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
    return "\(Self.time(words[0].start, point: ".")) --> \(Self.time(end, point: "."))\n\(line)"
  }

  /// Lines of words: they end where a sentence does, at line ends, and where they would grow too long.
  static func lines(of words: [WordTimes.Word], in text: String, longest: Int) -> [SubtitleLine] {
    var lines: [SubtitleLine] = []
    var isEnded = true
    for (index, word) in words.enumerated() {
      let before = index > 0 ? min(words[index - 1].range.upperBound, word.range.lowerBound) : 0
      let after = index + 1 < words.count ? words[index + 1].range.lowerBound : text.utf8.count
      let gaps = (
        before: text.slice(before..<word.range.lowerBound),
        after: text.slice(word.range.upperBound..<max(after, word.range.upperBound))
      )
      // What touches a word belongs to it: quotes and brackets before, marks behind.
      let isApart = index == 0 || gaps.before.contains(where: \.isWhitespace)
      let head = isApart ? String(gaps.before.reversed().prefix { !$0.isWhitespace }.reversed()) : ""
      let tail = gaps.after.prefix { !$0.isWhitespace }
      let body = text.slice(word.range).split(whereSeparator: \.isWhitespace).joined(separator: " ")
      let written = head + body + tail
      if isEnded || isApart && lines[lines.count - 1].text.count + 1 + written.count > longest {
        lines.append(SubtitleLine())
      }
      let isFirst = lines[lines.count - 1].words.isEmpty
      lines[lines.count - 1].words.append((isApart && !isFirst ? " " + written : written, word.start))
      lines[lines.count - 1].end = word.end
      isEnded =
        tail.contains { ".?!…".contains($0) } && tail.count < gaps.after.count
        || gaps.after.contains(where: \.isNewline)
    }
    return lines
  }

  private static func time(_ seconds: Double, point: String) -> String {
    let all = Int((seconds * 1000).rounded())
    func padded(_ number: Int, _ digits: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    return "\(padded(all / 3_600_000, 2)):\(padded(all / 60_000 % 60, 2)):\(padded(all / 1000 % 60, 2))\(point)"
      + padded(all % 1000, 3)
  }
}

extension String {
  /// The text in some of its bytes of UTF-8.
  fileprivate func slice(_ bytes: Range<Int>) -> String {
    let first = utf8.index(startIndex, offsetBy: bytes.lowerBound)
    return String(self[first..<utf8.index(first, offsetBy: bytes.count)])
  }
}
