import FoundationEssentials
import Glibc
import UniMoEAudio

/// What `doctor` looks at on the machine.
struct MachineChecks {
  /// Threads asked for; `nil` takes one per core.
  let threads: Int?

  /// Below this rate a decoder step is slow on any model: bytes per second.
  private static let lowBandwidth = 8e9
  private static let measuredBytes = 512 << 20

  /// All checks, in the order they are shown.
  var all: [Check] { [processor, cores, bandwidth, memory, libraries, matrixLibrary, fileSize, addressSpace] }

  private var processor: Check {
    let model = Self.line(of: "/proc/cpuinfo", after: "model name") ?? "unknown processor"
    let path = Machine.kernelPath
    let found = "\(model): \(path.rawValue) kernels"
    guard path == .portable else { return Check(name: "processor", state: .ok, found: found) }
    return Check(
      name: "processor", state: .warn, found: found,
      fix: "decoder steps are several times faster on a processor with AVX2 or AVX-512")
  }

  private var cores: Check {
    let online = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    let used = threads ?? Machine.threads
    let found = "\(used) threads on \(online) cores"
    guard used > online else { return Check(name: "threads", state: .ok, found: found) }
    return Check(
      name: "threads", state: .warn, found: found, fix: "leave --threads out: more threads than cores are slower")
  }

  private var bandwidth: Check {
    guard let rate = Machine.readBandwidth(bytes: Self.measuredBytes) else {
      return Check(
        name: "read bandwidth", state: .fail,
        found: "not measured: \(Figure.bytes(Self.measuredBytes)) of memory missing",
        fix: "close programs that hold memory")
    }
    let found = "\(Figure.fixed(rate / 1e9, 1)) GB/s: a decoder step can read so much of the weights"
    guard rate < Self.lowBandwidth else { return Check(name: "read bandwidth", state: .ok, found: found) }
    return Check(
      name: "read bandwidth", state: .warn, found: found,
      fix: "close busy programs and measure again; fill all memory channels of the machine")
  }

  private var memory: Check {
    guard let text = Self.line(of: "/proc/meminfo", after: "MemAvailable"),
      let kibibytes = Int(text.prefix { $0.isNumber })
    else { return Check(name: "memory", state: .ok, found: "unknown: /proc/meminfo does not say") }
    let found = "\(Figure.bytes(kibibytes << 10)) available"
    guard kibibytes < 1 << 20 else { return Check(name: "memory", state: .ok, found: found) }
    return Check(name: "memory", state: .warn, found: found, fix: "close programs that hold memory")
  }

  private var libraries: Check {
    let libraries = Machine.libraries + [("libpng", PNGFile.libraryVersion)]
    let found = libraries.map { "\($0.name) \($0.version)" }.joined(separator: ", ")
    return Check(name: "libraries", state: .ok, found: found)
  }

  private var matrixLibrary: Check {
    guard let library = OpenBLAS.shared else {
      return Check(name: "OpenBLAS", state: .ok, found: "not installed; the engine's own kernels do its products")
    }
    let found = "\(library.core) core, \(library.configuration), \(library.path)"
    guard !library.isRight else { return Check(name: "OpenBLAS", state: .ok, found: found) }
    return Check(
      name: "OpenBLAS", state: .warn, found: found + ": a product differs from the engine's own",
      fix: "update libopenblas0 or the engine: one of them computes wrongly on this processor")
  }

  private var fileSize: Check {
    limit(RLIMIT_FSIZE, "file size", low: 64 << 20, fix: "ulimit -f unlimited, or sound files are cut off")
  }

  private var addressSpace: Check {
    limit(RLIMIT_AS, "address space", low: 32 << 30, fix: "ulimit -v unlimited, or large models cannot be mapped")
  }

  private func limit(_ resource: __rlimit_resource, _ name: String, low: Int, fix: String) -> Check {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max else {
      return Check(name: name, state: .ok, found: "not limited")
    }
    let bytes = Int(clamping: limit.rlim_cur)
    let found = "limited to \(Figure.bytes(bytes))"
    return bytes < low
      ? Check(name: name, state: .warn, found: found, fix: fix) : Check(name: name, state: .ok, found: found)
  }

  /// The rest of the first line of a `/proc` file that begins with a key.
  private static func line(of path: String, after key: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 4096)
    while fgets(&buffer, Int32(buffer.count), file) != nil {
      let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      guard text.hasPrefix(key), let colon = text.firstIndex(of: ":") else { continue }
      let value = text[text.index(after: colon)...].drop(while: \.isWhitespace)
      return String(value.prefix { !$0.isNewline })
    }
    return nil
  }
}

/// What `doctor` looks at in the model.
struct ModelChecks {
  /// The model that was named, if any.
  let model: String?

  /// All checks, in the order they are shown.
  var all: [Check] {
    let locator = ModelLocator(explicit: model)
    do {
      let directory = try locator.locate()
      let origin = locator.candidates.first { $0.path == directory }?.origin ?? ""
      return [opened(directory, origin: origin)]
    } catch {
      let fix = "name a model directory with --model or UNIMOE_AUDIO_MODEL, or run make install"
      return [Check(name: "model", state: .fail, found: error.description, fix: fix)]
    }
  }

  private func opened(_ directory: String, origin: String) -> Check {
    do {
      let summary = try ModelSummary(directory: directory)
      return Check(
        name: "model", state: .ok,
        found:
          "\(directory) (\(origin)): \(Figure.count(summary.decoder.parameters + summary.codec.parameters)) parameters, "
          + Figure.bytes(summary.decoder.bytes + summary.codec.bytes))
    } catch {
      return Check(
        name: "model", state: .fail, found: error.description, fix: "copy the model directory again, or name another")
    }
  }
}
