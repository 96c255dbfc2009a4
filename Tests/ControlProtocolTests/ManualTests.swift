import Foundation
import Testing

@testable import ControlProtocol

/// The manual page describes what the daemon takes and sends; the code is the measure.
@Suite struct ManualTests {
  private let page: String

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("docs/man/unimoe-audio-protocol.7")
    page = try String(contentsOf: file, encoding: .utf8)
  }

  @Test(arguments: CommandName.allCases)
  func everyCommandHasASection(name: CommandName) { #expect(page.contains(".Ss \(name.rawValue)\n")) }

  @Test func everyFieldOfRequestsIsDescribed() {
    for name in RequestOptions.fieldNames {
      let isThere = page.split(separator: "\n").contains { line in
        line.hasPrefix(".It Li ") && line.split(separator: " ").contains(Substring(name))
      }
      #expect(isThere, "\(name)")
    }
  }

  @Test(arguments: RequestEvent.Kind.allCases)
  func everyEventIsDescribed(kind: RequestEvent.Kind) { #expect(page.contains(".It Li \(kind.rawValue)\n")) }

  @Test(arguments: ControlCode.allCases)
  func everyErrorIsDescribed(code: ControlCode) { #expect(page.contains(".It \(code.rawValue)\n")) }

  @Test func noOtherErrorIsDescribed() {
    let numbers = page.split(separator: "\n").filter { $0.hasPrefix(".It ") }.compactMap { Int($0.dropFirst(4)) }
    #expect(numbers == ControlCode.allCases.map(\.rawValue))
  }

  @Test func everyFieldOfAnswersIsDescribed() {
    let names =
      [RequestEvent.CodingKeys.port, .phase, .codeFrames, .codeFramesExpected, .firstAudioSeconds, .gateSeconds]
      .map(\.rawValue)
      + [RequestEvent.CodingKeys.seconds, .playedSeconds, .speed, .underruns, .sampleRate].map(\.rawValue)
    for name in names + [
      "longest_text", "longest_music", "uptime_seconds", "freewheel_timeouts", "abandoned_clients", "frame_bytes",
      "from_model",
    ] {
      #expect(page.contains(name), "\(name)")
    }
  }
}
