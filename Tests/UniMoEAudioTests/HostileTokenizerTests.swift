import Testing

@testable import UniMoEAudio

/// Broken tokenizer files, each with the error that it gives.
@Suite struct HostileTokenizerTests {
  private func message(_ open: () throws(UniMoEError) -> Tokenizer) -> String {
    do {
      _ = try open()
      return "no error"
    } catch {
      #expect(error.kind == .model)
      return error.description
    }
  }

  private func message(_ change: (inout TokenizerFiles) -> Void) -> String {
    var files = TokenizerFiles()
    change(&files)
    return message(files.open)
  }

  private let small = TokenizerFiles.smallVocabulary

  @Test func soundFilesAreRead() {
    #expect(message { _ in } == "no error")
    #expect(message { $0.merges = "a b\r\nab c\r\n\r\n" } == "no error")
    #expect(message { $0.vocabulary = $0.vocabulary.replacing("\"abc\"", with: #""\u0061b\u0063""#) } == "no error")
  }

  @Test(arguments: [
    ("", "byte 0: expected \"{\", found the end of the file"),
    ("[1]", "byte 0: expected \"{\", found \"[\""),
    ("{\"a\" 1}", "byte 5: expected \":\", found \"1\""),
    ("{\"a\": 1", "byte 7: expected \",\" or \"}\", found the end of the file"),
    ("{\"a\": 1,}", "byte 8: expected a token in quotes, found \"}\""),
    ("{\"a\": 1} x", "byte 9: expected the end of the file, found \"x\""),
    ("{\"a", "byte 3: expected a closing quotation mark, found the end of the file"),
    ("{\"a\n\": 1}", "byte 3: expected a character above U+001F or an escape, found \"\\n\""),
    ("{\"\\x\": 1}", "byte 2: expected an escape of JSON, found \"\\\""),
    ("{\"\\u12\": 1}", "byte 2: expected an escape of JSON, found \"\\\""),
    ("{\"\\uD800\": 1}", "byte 2: expected a pair of surrogates, found \"\\\""),
    ("{\"\\uD800\\u0041\": 1}", "byte 2: expected a pair of surrogates, found \"\\\""),
    ("{\"a\": \"1\"}", "byte 6: expected an integer, found \"\"\""),
    ("{\"a\": 1.0}", "byte 7: expected an integer, found \".\""),
    ("{\"a\": 01}", "byte 6: expected an integer without leading zeros, found \"0\""),
    ("{\"a\": 1234567890123456789}", "byte 24: expected an integer of at most 18 digits, found \"9\""),
    ("{\"a\": -}", "byte 7: expected an integer, found \"}\""),
    ("{\"a\": null}", "byte 6: expected an integer, found \"n\""),
  ])
  func vocabulariesThatAreNoLists(_ text: String, _ problem: String) {
    #expect(message { $0.vocabulary = text } == "dir/vocab.json: \(problem)")
  }

  @Test func vocabulariesThatContradictThemselves() {
    func message(_ old: String, _ new: String) -> String {
      self.message { $0.vocabulary = small.replacing(old, with: new) }
    }
    #expect(message("\"abc\": 257", "\"\": 257") == "dir/vocab.json: \"\": expected at least one character, found none")
    #expect(
      message("\"abc\": 257", "\"abc\": 258") == "dir/vocab.json: \"abc\": expected an id from 0 to 257, found 258")
    #expect(message("\"abc\": 257", "\"abc\": -1") == "dir/vocab.json: \"abc\": expected an id from 0 to 257, found -1")
    #expect(
      message("\"abc\": 257", "\"abc\": 999999999999")
        == "dir/vocab.json: \"abc\": expected an id from 0 to 257, found 999999999999")
    #expect(
      message("\"abc\": 257", "\"abc\": 0")
        == "dir/vocab.json: \"abc\": expected an id of its own, found 0, which another token has")
    #expect(message("\"abc\": 257", "\"ab\": 257") == "dir/vocab.json: \"ab\": expected one entry, found two")
    #expect(
      message("\"abc\": 257", "\"a c\": 257")
        == "dir/vocab.json: \"a c\": expected characters of the byte alphabet, found others")
    #expect(
      message("\"abc\": 257", "\"你\": 257")
        == "dir/vocab.json: \"你\": expected characters of the byte alphabet, found others")
    #expect(message("\"z\": ", "\"zz\": ") == "dir/vocab.json: \"z\": missing: every byte has a token")
    #expect(self.message { $0.vocabulary = "{}" } == "dir/vocab.json: \"Ā\": missing: every byte has a token")
  }

  @Test func filesThatAreNotText() {
    let bytes = Array(small.utf8)
    let pad = Array(#"{"<|endoftext|>": 258}"#.utf8)
    let broken: [UInt8] = [0x7B, 0x22, 0xFF, 0x22]
    #expect(
      message { () throws(UniMoEError) in try TokenizerFiles.open(broken, [], pad, nil) }
        == "dir/vocab.json: expected UTF-8 text, found other bytes")
    #expect(
      message { () throws(UniMoEError) in try TokenizerFiles.open(bytes, [0x61, 0x20, 0x80], pad, nil) }
        == "dir/merges.txt: expected UTF-8 text, found other bytes")
    #expect(
      message { () throws(UniMoEError) in try TokenizerFiles.open(bytes, [], broken, nil) }
        == "dir/added_tokens.json: expected UTF-8 text, found other bytes")
  }

  @Test(arguments: [
    ("a b\nabc\n", "line 2: expected two tokens with one space between them, found \"abc\""),
    ("a b c\n", "line 1: expected two tokens with one space between them, found \"a b c\""),
    ("a  b\n", "line 1: expected two tokens with one space between them, found \"a  b\""),
    (" a\n", "line 1: expected two tokens with one space between them, found \" a\""),
    ("a b\n\n#version: 0.2\n", "line 3: expected tokens of the vocabulary, found \"#version:\""),
    ("a c\n", "line 1: expected tokens of the vocabulary, found \"ac\""),
    ("a b\nxy c\n", "line 2: expected tokens of the vocabulary, found \"xy\""),
    ("a bc\n", "line 1: expected tokens of the vocabulary, found \"bc\""),
    ("a 你\n", "line 1: expected characters of the byte alphabet, found \"你\""),
    ("a b\na b\n", "line 2: expected each pair once, found \"a b\" again"),
  ])
  func mergesThatAreBroken(_ text: String, _ problem: String) {
    let files = TokenizerFiles(merges: text)
    #expect(message(files.open) == "dir/merges.txt: \(problem)")
  }

  @Test(arguments: [
    (#"{"<|endoftext|>": 257}"#, "\"<|endoftext|>\": expected an id of its own, found 257, which is \"abc\""),
    (#"{"x": 258}"#, "\"x\": expected id 120, as in the vocabulary, found 258"),
    (
      #"{"<|endoftext|>": 258, "<x>": 258}"#,
      "\"<x>\": expected an id of its own, found 258, which is \"<|endoftext|>\""
    ),
    (#"{"<|endoftext|>": 258, "<|endoftext|>": 259}"#, "\"<|endoftext|>\": expected id 258, as elsewhere, found 259"),
    (#"{"": 258}"#, "\"\": expected 1 to 512 bytes of text, found 0"),
    (#"{"<x>": -5}"#, "\"<x>\": expected an id from 0 to 4194303, found -5"),
    (#"{"<x>": 4194304}"#, "\"<x>\": expected an id from 0 to 4194303, found 4194304"),
  ])
  func addedTokensThatAreBroken(_ text: String, _ problem: String) {
    #expect(message { $0.added = text } == "dir/added_tokens.json: \(problem)")
  }

  @Test func addedTokensThatAreTooLong() {
    let long = String(repeating: "x", count: 513)
    let text = message { $0.added = "{\"\(long)\": 258}" }
    #expect(
      text.hasPrefix("dir/added_tokens.json: \"xxxx") && text.hasSuffix("expected 1 to 512 bytes of text, found 513"))
  }

  @Test(arguments: [
    (
      #"{"added_tokens_decoder": {"259": {"content": "<|endoftext|>"}}}"#,
      "\"<|endoftext|>\": expected id 258, as elsewhere, found 259"
    ),
    (
      #"{"added_tokens_decoder": {"258": {"content": "<x>"}}}"#,
      "\"<x>\": expected an id of its own, found 258, which is \"<|endoftext|>\""
    ),
    (
      #"{"added_tokens_decoder": {"x": {"content": "<x>"}}}"#,
      "added_tokens_decoder: expected ids as keys, found \"x\""
    ),
    (
      #"{"added_tokens_decoder": {"0259": {"content": "<x>"}}}"#,
      "added_tokens_decoder: expected ids as keys, found \"0259\""
    ),
    (
      #"{"added_tokens_decoder": {"259": {"content": "<x>", "lstrip": true}}}"#,
      "added_tokens_decoder.259.lstrip: expected false, found true"
    ),
    (#"{"added_tokens_decoder": {"259": {}}}"#, "added_tokens_decoder.[259].content: missing"),
    (#"{"added_tokens_decoder": [1]}"#, "added_tokens_decoder: expected an object, found an array"),
    (#"{"pad_token": "<pad>"}"#, "pad_token: expected one of the added tokens, found \"<pad>\""),
    (#"{"pad_token": {"content": "<pad>"}}"#, "pad_token: expected one of the added tokens, found \"<pad>\""),
    (#"{"pad_token": 7}"#, "pad_token: expected a string, found a number"),
  ])
  func configurationsThatAreBroken(_ text: String, _ problem: String) {
    #expect(message { $0.configuration = text } == "dir/tokenizer_config.json: \(problem)")
  }

  @Test func filesThatAreMissing() throws {
    let folder = try TemporaryFolder()
    func message() -> String { self.message { () throws(UniMoEError) in try Tokenizer(directory: folder.path) } }
    #expect(message() == "\(folder.path("vocab.json")): cannot be opened: No such file or directory")
    try folder.write(small.utf8, as: "vocab.json")
    #expect(message() == "\(folder.path("merges.txt")): cannot be opened: No such file or directory")
    try folder.write("a b\n".utf8, as: "merges.txt")
    #expect(try Tokenizer(directory: folder.path).padToken == nil)
  }

  /// Another kind of tokenizer would give other ids without a word.
  @Test(arguments: [
    (#""NFC""#, #""NFKC""#, #"normalizer: expected "NFC", found "NFKC""#),
    (#""BPE""#, #""Unigram""#, #"model.type: expected "BPE", found "Unigram""#),
    (#"|\\p{N}|"#, #"|\\p{N}{1,3}|"#, "pre_tokenizer: expected Qwen2's pattern and the byte alphabet, found"),
    (#""lstrip": false"#, #""lstrip": true"#, "added_tokens[0].lstrip: expected false, found true"),
    (#""merges": ["#, #""merges": [["t"],"#, "model.merges[0]: expected two tokens with one space between them"),
    (#""merges": ["#, #""merges": ["t zzzzzz","#, "model.merges[0]: expected tokens of the vocabulary"),
  ])
  func anotherKindOfTokenizerIsNamed(_ original: String, _ change: String, _ problem: String) throws {
    let source = try String(contentsOfFile: "\(ReferenceFixtures.model)/tokenizer.json", encoding: .utf8)
    let changed = source.replacingOccurrences(of: original, with: change)
    #expect(changed != source)
    let folder = try TemporaryFolder()
    try folder.write(changed.utf8, as: "tokenizer.json")
    let text = message { () throws(UniMoEError) in try Tokenizer(directory: folder.path) }
    #expect(text.hasPrefix("\(folder.path("tokenizer.json")): \(problem)"), "\(text)")
  }

  @Test func cutAndFlippedFilesNeverCrash() throws {
    let configuration = #"{"added_tokens_decoder": {"259": {"content": "<x>"}}, "pad_token": "<x>"}"#
    let sound = [small, TokenizerFiles().merges, #"{"<|endoftext|>": 258}"#, configuration].map { Array($0.utf8) }
    var state: UInt64 = 7
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var refused = 0
    for _ in 0..<600 {
      var files = sound
      let file = random(4)
      if random(2) == 0 {
        files[file].removeLast(1 + random(files[file].count))
      } else {
        for _ in 0...random(3) { files[file][random(files[file].count)] = UInt8(random(256)) }
      }
      do {
        let tokenizer = try TokenizerFiles.open(files[0], files[1], files[2], files[3])
        #expect(tokenizer.decode(tokenizer.encode("abc abc!")) == "abc abc!")
      } catch {
        refused += 1
        #expect(!error.description.contains("\n"))
      }
    }
    #expect(refused > 300)
  }
}
