/// `tokenizer.json`, the one file of the `tokenizers` library, as far as it describes a tokenizer of this kind.
struct TokenizerFile: Decodable {
  struct AddedToken: Decodable {
    let id: JSONInteger
    let content: String
    let lstrip: Bool?
    let rstrip: Bool?
    let single_word: Bool?
  }

  struct Model: Decodable {
    let type: String?
    let vocab: [String: JSONInteger]
    let merges: [Merge]
    let ignore_merges: Bool?
  }

  /// Two tokens: a pair, or in older files one text with a space between them.
  struct Merge: Decodable {
    let tokens: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        tokens = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      } else {
        tokens = try container.decode([String].self)
      }
    }
  }

  struct Step: Decodable {
    struct Pattern: Decodable { let Regex: String? }
    let type: String?
    let pattern: Pattern?
    let pretokenizers: [Step]?
    let normalizers: [Step]?
  }

  let added_tokens: [AddedToken]?
  let normalizer: Step?
  let pre_tokenizer: Step?
  let model: Model

  /// Files above this size are refused before they are read; Qwen2's has 7 MB.
  static let sizeLimit = 64 << 20

  /// The one pattern that `PreTokenizer` is made for.
  private static let pattern =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  /// Throws if the file describes a tokenizer of another kind, which would give other ids.
  func check(path: String) throws(UniMoEError) {
    func require(_ isRight: Bool, _ field: String, _ expected: String, _ found: String?) throws(UniMoEError) {
      if isRight { return }
      throw UniMoEError(.model, path, field: field, expected: expected, found: found.map(quoted) ?? "none")
    }
    try require(model.type ?? "BPE" == "BPE", "model.type", "\"BPE\"", model.type)
    try require(model.ignore_merges != true, "model.ignore_merges", "false", "true")
    let normalizers = normalizer?.normalizers ?? [normalizer].compactMap { $0 }
    let names = normalizers.map { $0.type ?? "" }
    try require(names == ["NFC"], "normalizer", "\"NFC\"", names.isEmpty ? nil : names.joined(separator: ", "))
    let steps = pre_tokenizer?.pretokenizers ?? [pre_tokenizer].compactMap { $0 }
    let patterns = steps.compactMap { $0.pattern?.Regex }
    try require(
      patterns == [Self.pattern] && steps.allSatisfy { ["Split", "ByteLevel"].contains($0.type) }, "pre_tokenizer",
      "Qwen2's pattern and the byte alphabet", patterns.first ?? steps.first?.type)
  }
}
