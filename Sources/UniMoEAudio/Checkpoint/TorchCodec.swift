import TorchArchive

/// The codec as it was published: tensors and constructor's arguments in one file of `torch.save`.
struct TorchCodec {
  /// The tensors of `state_dict`.
  let tensors: TensorStore
  private let archive: TorchArchive
  private let path: String

  /// Opens a file.
  init(path: String) throws(UniMoEError) {
    try self.init(SharedBytes(mapping: path), path: path)
  }

  /// Reads a file that lies in memory.
  init(_ bytes: SharedBytes, path: String) throws(UniMoEError) {
    let archive = try bytes.withBytes { (bytes) throws(UniMoEError) in
      do throws(TorchArchiveError) { return try TorchArchive(bytes) } catch { throw UniMoEError(error, path: path) }
    }
    var tensors: [String: Tensor] = [:]
    for tensor in archive.tensors {
      guard let type = ElementType(rawValue: tensor.numberType.rawValue) else {
        throw UniMoEError(.model, path, field: readable(tensor.name), "unknown type \(tensor.numberType.rawValue)")
      }
      let numbers =
        switch tensor.numbers {
        case .inFile(let range): bytes.slice(range)
        case .copied(let copy): SharedBytes(copying: copy)
        }
      tensors[tensor.name] = Tensor(
        path: path, name: tensor.name, elementType: type, shape: tensor.shape, bytes: numbers)
    }
    self.tensors = TensorStore(path: path, tensors: tensors)
    self.archive = archive
    self.path = path
  }

  /// The codec's constructor arguments.
  func configuration() throws(UniMoEError) -> CodecConfiguration {
    let file = CodecConfigurationFile(
      sample_rate: try integer("sample_rate"), encoder_dim: try integer("encoder_dim"),
      encoder_rates: try integers("encoder_rates"), latent_dim: try optionalInteger("latent_dim"),
      decoder_dim: try integer("decoder_dim"), decoder_rates: try integers("decoder_rates"),
      n_codebooks: try integer("n_codebooks"), codebook_size: try integer("codebook_size"),
      codebook_dim: try integer("codebook_dim"))
    return try CodecConfiguration(file, path: path, prefix: Self.prefix)
  }

  private static let prefix = "metadata.kwargs."

  private func argument(_ key: String) throws(UniMoEError) -> TorchArchive.Argument? {
    do throws(TorchArchiveError) { return try archive.argument(key) } catch { throw UniMoEError(error, path: path) }
  }

  private func optionalInteger(_ key: String) throws(UniMoEError) -> JSONInteger? {
    guard let argument = try argument(key), !argument.isNone else { return nil }
    return try integer(key)
  }

  private func integer(_ key: String) throws(UniMoEError) -> JSONInteger {
    let argument = try argument(key)
    guard let value = argument?.integer else { throw wrong(argument, key, expected: "an integer") }
    return JSONInteger(value)
  }

  private func integers(_ key: String) throws(UniMoEError) -> [JSONInteger] {
    let argument = try argument(key)
    guard let values = argument?.integers else { throw wrong(argument, key, expected: "a list of integers") }
    return values.map { JSONInteger($0) }
  }

  private func wrong(_ argument: TorchArchive.Argument?, _ key: String, expected: String) -> UniMoEError {
    UniMoEError(
      .model, path, field: Self.prefix + key, expected: expected, found: argument.map { readable($0.kind) } ?? "nothing"
    )
  }
}

extension UniMoEError {
  /// What is wrong with a torch file, in the engine's words: the file's own text is made fit for one line.
  fileprivate init(_ error: TorchArchiveError, path: String) {
    self.init(.model, path, field: readable(error.part), readable(error.problem, limit: 400))
  }
}
