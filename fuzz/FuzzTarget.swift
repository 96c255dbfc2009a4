import Glibc

/// A parser under fuzzing: one file in `targets/`, listed in `all`, with seeds in `seeds/<name>/`.
struct FuzzTarget: Sendable {
  /// The name; the program that runs the target is called so, and so is its folder of seeds.
  let name: String
  /// Reads an input. Whatever the input is, only `UniMoEError` may come out.
  let read: @Sendable (UnsafeRawBufferPointer) throws(UniMoEError) -> Void

  static let all = [
    safetensors, torch, pickle, modelConfiguration, codecConfiguration, generationConfiguration, shardIndex,
    audio, voice, tokenizer, lexicon, text, control, configuration, midi, score, caption,
  ]

  /// The target that this program runs, by the name under which it was started.
  static let current: FuzzTarget? = {
    let name = CommandLine.arguments.first.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? ""
    return all.first { $0.name == name }
  }()
}

/// Called by libFuzzer for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let target = FuzzTarget.current else { fatalError("start the fuzzer under the name of a target") }
  do throws(UniMoEError) {
    try target.read(UnsafeRawBufferPointer(start: start, count: count))
  } catch {
    // Errors are for people: one line, of a bearable length.
    precondition(!error.description.utf8.contains(0x0a) && error.description.utf8.count < 4096)
  }
  return 0
}

extension TensorStore {
  /// Reads everything that the store promises to be readable.
  func readAll() throws(UniMoEError) {
    for name in names.sorted() {
      guard let tensor = self[name] else { fatalError("a name without a tensor") }
      precondition(tensor.elementType.byteCount(of: tensor.shape) == tensor.bytes.count)
      let sum = tensor.bytes.withBytes { $0.reduce(UInt8(0), ^) }
      let floats = tensor.elementType.kernelType == nil ? nil : try tensor.floats()
      let integers = tensor.elementType == .i32 ? try tensor.integers() : nil
      precondition(floats?.count ?? tensor.count == tensor.count && integers?.count ?? tensor.count == tensor.count)
      if tensor.elementType == .i64 { _ = try? tensor.integers() }
      withExtendedLifetime(sum) {}
    }
  }
}
