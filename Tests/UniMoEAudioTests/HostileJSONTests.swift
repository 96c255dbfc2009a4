import FoundationEssentials
import Testing

@testable import UniMoEAudio

@Suite struct HostileJSONTests {
  private func problem(_ text: String) -> String? {
    Array(text.utf8).withUnsafeBytes { JSONStructure.problem(in: $0, depthLimit: 4) }
  }

  @Test(arguments: [
    "{}", "[]", " [1, -0.5e+3, \"a\\u0041\\n\", true, false, null, {\"a\": [ ]}]\n", "0", "\"\"",
    "{\"a\":{\"b\":[{}]}}",
    "{\"\\ud83d\\ude00\":1,\"\\ud83d\":2}",
  ]) func whatTheGrammarAllowsPasses(_ text: String) { #expect(problem(text) == nil) }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "{\"a\"}", "{1:2}", "[1 2]", "01", "-", "1.", ".5", "1e", "+1", "nul", "truefalse",
    "'a'",
    "\"a", "\"\\x\"", "\"\\u12\"", "\"\\u+123\"", "\"a\nb\"", "[}", "{]", "1 2", "]", ",", ":", "[[[[[]]]]]",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1,\"a\":2}", "{\"\\n\":1,\"\\u000a\":2}", "// a\n1", "NaN", "{a:1}",
  ]) func whatTheGrammarForbidsDoesNot(_ text: String) { #expect(problem(text) != nil) }

  @Test func aFaultIsLocated() {
    #expect(problem("{\n \"a\": [1,\n 2;]}") == "not valid JSON at line 3, column 3")
  }

  /// The decoder guards itself, too; the limit of `JSONText` only makes the error say what is wrong.
  @Test func theDecoderSurvivesDeepNesting() {
    struct Anything: Decodable {}
    let text = String(repeating: "[", count: 1_000_000) + String(repeating: "]", count: 1_000_000)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Anything.self, from: Data(text.utf8)) }
  }
}
