import Testing

@testable import UniMoEAudio

@Suite struct TokensCommandTests {
  private let model = Program.sourceTree.appendingPathComponent("Tests/Reference/tiny-model").path

  @Test func idsArePrintedAsJSON() throws {
    let run = try Program.run(["tokens", "--tokenizer", model, "--json", "-"], input: Array("Hello world".utf8))
    #expect(run.status == 0 && run.text == "{\"ids\":[885,997]}\n" && run.errors.isEmpty)
  }

  @Test func anyBytesAreTaken() throws {
    let tokenizer = try Tokenizer(directory: model)
    for input: [UInt8] in [[], [0x0A], [0xFF, 0x00, 0xE4, 0xBD], Array("<|im_start|>\u{301}".utf8)] {
      let run = try Program.run(["tokens", "--tokenizer", model, "--json", "-"], input: input)
      let ids = tokenizer.encode(bytes: input).map(String.init).joined(separator: ",")
      #expect(run.status == 0 && run.text == "{\"ids\":[\(ids)]}\n")
    }
  }

  @Test func tokensAreListedForPeople() throws {
    let run = try Program.run(["tokens", "--tokenizer", model, "Hello world"])
    #expect(run.status == 0 && run.text == " 885  Hello\n 997  Ġworld\n")
  }

  @Test func controlTokensAreReadAsPlainText() throws {
    let whole = try Program.run(["tokens", "--tokenizer", model, "--json", "<|im_start|>"])
    #expect(whole.text == "{\"ids\":[1001]}\n")
    let plain = try Program.run(["tokens", "--tokenizer", model, "--plain", "--json", "<|im_start|>"])
    #expect(plain.status == 0 && !plain.text.contains("1001"))
  }

  @Test func missingTokenizerIsOneLine() throws {
    let run = try Program.run(["tokens", "--tokenizer", "/nonexistent", "--json", "Hello"])
    #expect(run.status == 65 && run.output.isEmpty)
    #expect(run.errors == "unimoe-audio: /nonexistent/vocab.json: cannot be opened: No such file or directory\n")
  }
}
