import Glibc
import UniMoEAudio

/// Writes a model directory of random weights with the shapes that a `config.json` asks for: for benchmarks, where only
/// sizes matter. The same arguments give the same bytes.
public struct RandomCheckpoint: Sendable {
  /// How the decoder's weights are stored.
  public enum Precision: String, Sendable, CaseIterable {
    /// Two bytes a weight, as in the published checkpoint.
    case bf16
    /// Four bytes a weight.
    case f32
  }

  /// The `config.json` whose shapes are taken.
  public var configurationPath: String
  /// Decoder layers; `nil` takes the configuration's.
  public var layers: Int?
  /// How the decoder's weights are stored; the codec's are f32.
  public var precision = Precision.bf16
  /// The codec's `config.json`; `nil` leaves the codec out.
  public var codecConfigurationPath: String?
  /// A directory whose tokenizer files are copied; `nil` copies none.
  public var tokenizerDirectory: String?
  /// Key of the random numbers.
  public var seed: UInt64 = 0
  /// Most bytes of a shard, unless one tensor alone is larger.
  public var shardBytes = 4 << 30

  /// Describes a checkpoint of a configuration's shapes.
  public init(configurationPath: String) { self.configurationPath = configurationPath }

  /// Writes the directory.
  ///
  /// Throws `UniMoEError` if the configuration is not valid, the directory exists, or it cannot be written; then, and
  /// after a cancellation, nothing is left behind.
  public func write(to directory: String, cancellation: Cancellation = Cancellation()) throws(UniMoEError) {
    let text = try editedConfiguration()
    let configuration = try text.withUTF8Bytes { (bytes) throws(UniMoEError) in
      try ModelConfiguration(json: bytes, path: configurationPath)
    }
    try makeDirectory(directory)
    do throws(UniMoEError) {
      try writeModel(configuration, to: directory, cancellation: cancellation)
      if let path = codecConfigurationPath {
        try writeCodec(path, to: "\(directory)/codec", cancellation: cancellation)
      }
      if let source = tokenizerDirectory { try copyTokenizer(from: source, to: directory) }
      // Last, so that a directory with a configuration is a whole one.
      try writeText(text, to: "\(directory)/config.json")
    } catch {
      removeDirectory("\(directory)/codec")
      removeDirectory(directory)
      throw error
    }
  }

  // MARK: Decoder

  private func writeModel(
    _ configuration: ModelConfiguration, to directory: String, cancellation: Cancellation
  ) throws(UniMoEError) {
    let type: ElementType = precision == .bf16 ? .bf16 : .f32
    let tensors = configuration.tensors
    let shards = split(tensors, type)
    var map: [String] = []
    var firstTensor: UInt64 = 0
    for (index, shard) in shards.enumerated() {
      let name = "model-\(padded(index + 1))-of-\(padded(shards.count)).safetensors"
      try writeTensors(
        shard, type, firstKey: firstTensor, to: "\(directory)/\(name)", cancellation: cancellation
      ) { $0 == .norm ? .constant(1) : .uniform(deviation: 0.02) }
      firstTensor += UInt64(shard.count)
      map += shard.map { "\(json($0.name)):\(json(name))" }
    }
    let total = tensors.reduce(0) { $0 + (type.byteCount(of: $1.shape) ?? 0) }
    let index = "{\"metadata\":{\"total_size\":\(total)},\"weight_map\":{\(map.joined(separator: ","))}}\n"
    try writeText(index, to: "\(directory)/model.safetensors.index.json")
  }

  private func split(_ entries: [TensorEntry], _ type: ElementType) -> [[TensorEntry]] {
    var shards: [[TensorEntry]] = [[]]
    var size = 0
    for entry in entries {
      let byteCount = type.byteCount(of: entry.shape) ?? 0
      if size > 0 && size + byteCount > shardBytes {
        shards.append([])
        size = 0
      }
      shards[shards.count - 1].append(entry)
      size += byteCount
    }
    return shards
  }

  private func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }

  // MARK: Codec

  private func writeCodec(
    _ path: String, to directory: String, cancellation: Cancellation
  ) throws(UniMoEError) {
    let file = try SharedBytes(mapping: path)
    let configuration = try file.withBytes { (bytes) throws(UniMoEError) in
      try CodecConfiguration(json: bytes, path: path)
    }
    try makeDirectory(directory)
    try writeTensors(
      configuration.tensors, .f32, firstKey: 1 << 32, to: "\(directory)/model.safetensors", cancellation: cancellation
    ) { kind in
      switch kind {
      // Unit norms keep the signal's size from layer to layer; a snake's one is what training starts from.
      case .norm: .constant(1)
      case .bias: .uniform(deviation: 0.02)
      case .matrix: .uniform(deviation: 1)
      }
    }
    try copy(file, to: "\(directory)/config.json")
  }

  // MARK: Files

  private func writeTensors(
    _ entries: [TensorEntry], _ type: ElementType, firstKey: UInt64, to path: String, cancellation: Cancellation,
    fill: (TensorEntry.Kind) -> RandomNumbers.Fill
  ) throws(UniMoEError) {
    let writer = try SafetensorsWriter(
      path: path, entries: entries.map { .init(name: $0.name, elementType: type, shape: $0.shape) },
      metadata: ["format": "pt"])
    for (index, entry) in entries.enumerated() {
      var numbers = RandomNumbers(seed: seed, key: firstKey + UInt64(index), fill: fill(entry.kind))
      var missing = type.byteCount(of: entry.shape) ?? 0
      while missing > 0 {
        try cancellation.check()
        let chunk = numbers.bytes(min(missing, 1 << 20), as: type)
        try chunk.withBytes { (bytes) throws(UniMoEError) in try writer.append(bytes) }
        missing -= chunk.count
      }
    }
    try writer.finish()
  }

  private func writeText(_ text: String, to path: String) throws(UniMoEError) {
    let file = try AtomicFile(path: path)
    try file.write(text)
    try file.commit()
  }

  private func copy(_ bytes: SharedBytes, to path: String) throws(UniMoEError) {
    let file = try AtomicFile(path: path)
    try bytes.withBytes { (bytes) throws(UniMoEError) in try file.write(bytes) }
    try file.commit()
  }

  private static let tokenizerFiles = [
    "vocab.json", "merges.txt", "added_tokens.json", "special_tokens_map.json", "tokenizer_config.json",
    "tokenizer.json",
  ]

  private func copyTokenizer(from source: String, to directory: String) throws(UniMoEError) {
    for name in Self.tokenizerFiles where fileExists("\(source)/\(name)") {
      try copy(SharedBytes(mapping: "\(source)/\(name)"), to: "\(directory)/\(name)")
    }
  }

  private func makeDirectory(_ path: String) throws(UniMoEError) {
    if mkdir(path, 0o777) != 0 { throw UniMoEError(.system, path, "cannot be created: \(systemReason())") }
  }

  /// Removes a directory and the files in it.
  private func removeDirectory(_ path: String) {
    guard let names = try? fileNames(in: path) else { return }
    for name in names where name != "." && name != ".." { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  // MARK: Configuration

  /// The configuration's text with the layer count replaced, and with the placeholder that the copied tokenizer has.
  private func editedConfiguration() throws(UniMoEError) -> String {
    let file = try SharedBytes(mapping: configurationPath)
    guard var text = file.withBytes({ String(validating: $0, as: UTF8.self) }) else {
      throw UniMoEError(.model, configurationPath, "not JSON in UTF-8")
    }
    if let layers { text = Self.replacing("num_hidden_layers", by: layers, in: text) }
    if let source = tokenizerDirectory, fileExists("\(source)/added_tokens.json") {
      let tokens = try JSONText.decode([String: Int].self, from: "\(source)/added_tokens.json")
      if let id = tokens["<|AUDIO_PLACEHOLDER|>"] {
        text = Self.replacing("codec_placeholder_value", by: id, in: text)
      }
    }
    return text
  }

  /// Replaces every integer that is the value of a key; the rest of the text stays as it is.
  private static func replacing(_ key: String, by value: Int, in text: String) -> String {
    var result = ""
    var rest = text[...]
    while let range = rest.firstRange(of: "\"\(key)\"") {
      result += rest[..<range.upperBound]
      rest = rest[range.upperBound...]
      let separator = rest.prefix { $0 == ":" || $0.isWhitespace }
      result += separator
      rest = rest[separator.endIndex...]
      let number = rest.prefix { $0.isNumber }
      if !number.isEmpty { result += String(value) }
      rest = rest[number.endIndex...]
    }
    return result + rest
  }
}
