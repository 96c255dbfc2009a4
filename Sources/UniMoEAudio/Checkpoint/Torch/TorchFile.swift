/// A file written by `torch.save`: a stored zip with a pickle of a dictionary, and one entry per storage.
///
/// The codec's own save puts its tensors under `state_dict` and its constructor's arguments under `metadata.kwargs`.
struct TorchFile {
  /// The tensors of `state_dict`.
  let tensors: TensorStore
  private let heap: PickleHeap
  private let path: String

  /// Opens a file.
  init(path: String) throws(UniMoEError) {
    let file = try MappedFile(path: path)
    try self.init(file.bytes, path: path, owner: file)
  }

  /// Reads a file that lies in memory, kept alive by `owner`.
  init(_ bytes: UnsafeRawBufferPointer, path: String, owner: any AnyObject & Sendable) throws(UniMoEError) {
    let archive = try ZipArchive(bytes, path: path)
    let pickles = archive.entries.keys.filter { $0.hasSuffix("/data.pkl") && $0.count { $0 == "/" } == 1 }
    guard pickles.count == 1, let name = pickles.first, let pickle = archive[name] else {
      throw UniMoEError(.model, path, expected: "one data.pkl in the archive", found: "\(pickles.count)")
    }
    let root = String(name.dropLast("data.pkl".count))
    if let order = archive[root + "byteorder"], !order.elementsEqual("little".utf8) {
      throw UniMoEError(.model, path, field: "byteorder", expected: "little", found: "something else")
    }
    heap = try PickleReader.read(pickle, path: path, field: "data.pkl")
    self.path = path
    var views = TorchViews(heap: heap, archive: archive, root: root, path: path, owner: owner)
    tensors = try views.store()
  }

  /// The codec's constructor arguments.
  func codecConfiguration() throws(UniMoEError) -> CodecConfiguration {
    let prefix = "metadata.kwargs."
    guard let metadata = heap.value(of: "metadata", in: heap.root),
      let arguments = heap.value(of: "kwargs", in: metadata), case .dictionary = arguments
    else { throw UniMoEError(.model, path, field: "metadata.kwargs", "missing") }
    func found(_ key: String) -> String { heap.value(of: key, in: arguments)?.kind ?? "nothing" }
    func integer(_ key: String) throws(UniMoEError) -> JSONInteger {
      if case .integer(let value) = heap.value(of: key, in: arguments) { return JSONInteger(value) }
      throw UniMoEError(.model, path, field: prefix + key, expected: "an integer", found: found(key))
    }
    func integers(_ key: String) throws(UniMoEError) -> [JSONInteger] {
      if let values = heap.value(of: key, in: arguments).flatMap({ heap.integers(of: $0) }) {
        return values.map { JSONInteger($0) }
      }
      throw UniMoEError(.model, path, field: prefix + key, expected: "a list of integers", found: found(key))
    }
    let latent = heap.value(of: "latent_dim", in: arguments)
    let file = CodecConfigurationFile(
      sample_rate: try integer("sample_rate"), encoder_dim: try integer("encoder_dim"),
      encoder_rates: try integers("encoder_rates"),
      latent_dim: latent == nil || latent == PickleHeap.Value.none ? nil : try integer("latent_dim"),
      decoder_dim: try integer("decoder_dim"), decoder_rates: try integers("decoder_rates"),
      n_codebooks: try integer("n_codebooks"), codebook_size: try integer("codebook_size"),
      codebook_dim: try integer("codebook_dim"))
    return try CodecConfiguration(file, path: path, prefix: prefix)
  }
}

extension TensorStore {
  /// Opens the `state_dict` of a file written by `torch.save`.
  init(torch path: String) throws(UniMoEError) {
    self = try TorchFile(path: path).tensors
  }
}
