import CKernels
import Csamplerate
import Csndfile
import Glibc

/// What the engine finds on the machine that it runs on.
public enum Machine {
  /// The instruction sets that the kernels can be run with, slowest first.
  public enum KernelPath: String, Sendable {
    /// Plain C.
    case portable = "portable"
    /// 256-bit vectors.
    case avx2 = "AVX2"
    /// 512-bit vectors.
    case avx512 = "AVX-512"
  }

  /// The kernels in use.
  public static var kernelPath: KernelPath {
    switch umk_current_path() {
    case UMK_PATH_AVX512: .avx512
    case UMK_PATH_AVX2: .avx2
    default: .portable
    }
  }

  /// Threads that a job is spread over, the caller's included.
  public static var threads: Int { WorkerPool.shared.threads }

  /// Names and versions of the libraries that the engine is linked with.
  public static var libraries: [(name: String, version: String)] {
    let sndfile = String(cString: sf_version_string()).replacing("libsndfile-", with: "")
    let samplerate = String(cString: src_get_version()).replacing("libsamplerate-", with: "")
    return [("libsndfile", sndfile), ("libsamplerate", String(samplerate.prefix { $0 != " " }))]
  }

  /// Measures how fast all threads together read memory that no cache holds: bytes per second, the best of three reads;
  /// `nil` if `bytes` of memory cannot be had. Takes about a second per GiB.
  public static func readBandwidth(bytes: Int) -> Double? {
    let block = 1 << 20
    let blocks = max(1, bytes / block)
    guard
      let memory = mmap(nil, blocks * block, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      memory != MAP_FAILED
    else { return nil }
    defer { munmap(memory, blocks * block) }
    WorkerPool.shared.run(blocks) { index in
      _ = memset(memory + index * block, Int32(truncatingIfNeeded: index | 1), block)
    }
    var best = 0.0
    for _ in 0..<3 {
      let start = ContinuousClock.now
      WorkerPool.shared.run(blocks) { index in _ = umk_read(memory + index * block, block) }
      best = max(best, Double(blocks * block) / ((ContinuousClock.now - start) / .seconds(1)))
    }
    return best
  }
}
