import Testing

@testable import UniMoEAudio

/// Plans in config.json that contradict the format of docs/plan-channels.md.
@Suite struct HostilePlanTests {
  private static let plan = """
    {"version": 1, "phonemes": ["SIL", "AA1", "B"], "instruments": ["piano", "drums"], "channels": [
    {"name": "phoneme", "domain": "speech", "codes": 6, "written": true, "delay": 0},
    {"name": "ahead1", "domain": "speech", "codes": 10, "written": false, "delay": 0},
    {"name": "ahead2", "domain": "speech", "codes": 10, "written": false, "delay": 0},
    {"name": "beat", "domain": "music", "codes": 192, "written": false, "delay": 0},
    {"name": "tempo", "domain": "music", "codes": 56, "written": true, "delay": 0},
    {"name": "lead", "domain": "music", "codes": 2, "written": true, "delay": 0}]}
    """

  /// The configuration of the other tests with codebooks that lag, and a plan.
  private func configuration(_ plan: String) throws -> ModelConfiguration {
    let json = HostileConfigurationTests.model
      .replacing("\"codec_delay_pattern\": [0, 8, 9]", with: "\"codec_delay_pattern\": [1, 2, 3], \"plan\": \(plan)")
    return try Array(json.utf8).withUnsafeBytes { try ModelConfiguration(json: $0, path: "config.json") }
  }

  @Test func thePlanThatTheseTestsBreakIsValid() throws {
    let plan = try #require(try configuration(Self.plan).plan)
    #expect(plan.channels.map(\.name) == [.phoneme, .ahead1, .ahead2, .beat, .tempo, .lead])
    #expect(plan.headRows == 96)
    #expect(try configuration("null").plan == nil)
  }

  @Test(arguments: changes) func aWrongPlanIsNamedAndExplained(_ change: (of: String, to: String, expected: String))
    throws
  {
    let plan = Self.plan.replacing(change.of, with: change.to)
    #expect(plan != Self.plan)
    let error = #expect(throws: UniMoEError.self) { try configuration(plan) }
    #expect(error?.description == "config.json: plan.\(change.expected)")
  }

  static let changes: [(of: String, to: String, expected: String)] = [
    ("\"version\": 1", "\"version\": 2", "version: expected 1, found 2"),
    ("\"version\": 1", "\"version\": \"1\"", "version: expected an integer, found a string"),
    ("\"SIL\", \"AA1\", \"B\"", "", "phonemes: expected 1 to 1024 names, found 0"),
    ("\"AA1\", \"B\"", "\"B\", \"B\"", "phonemes: expected different names of 1 to 64 bytes, found others"),
    (
      "\"name\": \"beat\"", "\"name\": \"beats\"",
      "channels[3].name: expected one of phoneme, ahead1, ahead2, beat, tempo, lead, chord, melody, bass, drums, found \"beats\""
    ),
    (
      "\"name\": \"ahead2\"", "\"name\": \"ahead1\"", "channels[2].name: expected a name of its own, found ahead1 twice"
    ),
    (
      "\"beat\", \"domain\": \"music\"", "\"beat\", \"domain\": \"speech\"",
      "channels[3].domain: expected \"music\", found \"speech\""
    ),
    ("\"codes\": 6", "\"codes\": 7", "channels[0].codes: expected 6 for phoneme, found 7"),
    ("\"codes\": 56", "\"codes\": 0", "channels[4].codes: expected an integer from 1 to 65536, found 0"),
    ("\"codes\": 2,", "\"codes\": 3,", "channels[5].codes: expected 2 for lead, found 3"),
    (
      "\"codes\": 192, \"written\": false, \"delay\": 0", "\"codes\": 192, \"written\": false, \"delay\": 2",
      "channels[3].delay: expected an integer from 0 to 1, found 2"
    ),
    (
      "\"codes\": 6, \"written\": true", "\"codes\": 6, \"written\": false",
      "channels.phoneme: expected written, with delay 0, found given, with delay 0"
    ),
    (
      "\"ahead2\", \"domain\": \"speech\", \"codes\": 10", "\"chord\", \"domain\": \"music\", \"codes\": 25",
      "channels: expected ahead2 among the channels of speech, found none"
    ),
    ("\"channels\": [", "\"channels\": [], \"more\": [", "channels: expected 1 to 10 channels, found 0"),
  ]
}
