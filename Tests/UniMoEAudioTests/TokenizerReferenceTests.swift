import Foundation
import Testing

@testable import UniMoEAudio

@Suite struct TokenizerReferenceTests {
  private struct File: Decodable {
    struct Case: Decodable {
      let text: String
      let ids: [Int32]
      let decoded: String
      let tokens: [String]
    }
    struct Batch: Decodable {
      let texts: [String]
      let input_ids: [[Int32]]
      let attention_mask: [[Int]]
    }
    let cases: [Case]
    let left_padded_batch: Batch
    let special_tokens: [String: Int32]
    let pad_token_id: Int32
  }

  private let file: File
  private let tokenizer: Tokenizer

  init() throws {
    file = try ReferenceFixtures.json(File.self, "tokenizer.json")
    tokenizer = try Tokenizer(directory: ReferenceFixtures.model)
  }

  @Test func textsGiveTheReferencesIds() {
    #expect(!file.cases.isEmpty)
    for example in file.cases { #expect(tokenizer.encode(example.text) == example.ids, "\(quoted(example.text))") }
  }

  @Test func idsGiveTheReferencesTexts() {
    for example in file.cases {
      // As bytes, since strings that are only canonically equivalent compare as equal.
      #expect(Array(tokenizer.decode(example.ids).utf8) == Array(example.decoded.utf8), "\(quoted(example.text))")
    }
  }

  @Test func idsGiveTheReferencesTokens() {
    for example in file.cases {
      #expect(example.ids.map { tokenizer.token(of: $0) } == example.tokens, "\(quoted(example.text))")
      #expect(example.tokens.map { tokenizer.id(of: $0) } == example.ids, "\(quoted(example.text))")
    }
  }

  @Test func rowsAreFilledUpOnTheLeft() throws {
    let batch = file.left_padded_batch
    let width = batch.input_ids.map(\.count).max() ?? 0
    for (index, text) in batch.texts.enumerated() {
      let ids = tokenizer.encode(text)
      let padding = width - ids.count
      let pad = try #require(tokenizer.padToken)
      #expect(Array(repeating: pad, count: padding) + ids == batch.input_ids[index])
      #expect(batch.attention_mask[index].firstIndex(of: 1) == padding)
    }
  }

  /// The `tokenizers` library's file says all that the others say.
  @Test func theOneFileAloneGivesTheReferencesIds() throws {
    let folder = try TemporaryFolder()
    try copy(["tokenizer.json"], to: folder)
    let alone = try Tokenizer(directory: folder.path)
    for example in file.cases { #expect(alone.encode(example.text) == example.ids, "\(quoted(example.text))") }
    for (text, id) in file.special_tokens { #expect(alone.id(of: text) == id) }
    #expect(alone.padToken == file.pad_token_id)
  }

  /// A plain directory has no control tokens and nothing to pad with; ordinary text needs neither.
  @Test func vocabularyAndMergesAloneGiveTheReferencesIdsOfPlainText() throws {
    let folder = try TemporaryFolder()
    try copy(["vocab.json", "merges.txt"], to: folder)
    let plain = try Tokenizer(directory: folder.path)
    let cases = file.cases.filter { example in !file.special_tokens.keys.contains { example.text.contains($0) } }
    #expect(!cases.isEmpty)
    for example in cases { #expect(plain.encode(example.text) == example.ids, "\(quoted(example.text))") }
    #expect(plain.padToken == nil)
  }

  private func copy(_ names: [String], to folder: TemporaryFolder) throws {
    for name in names {
      try FileManager.default.copyItem(atPath: "\(ReferenceFixtures.model)/\(name)", toPath: folder.path(name))
    }
  }

  @Test func specialTokensHaveTheReferencesIds() {
    for (text, id) in file.special_tokens {
      #expect(tokenizer.id(of: text) == id)
      #expect(tokenizer.encode(text) == [id])
    }
    #expect(tokenizer.padToken == file.pad_token_id)
  }
}
