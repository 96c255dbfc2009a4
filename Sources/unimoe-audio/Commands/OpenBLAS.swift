import CKernels
import Glibc

/// OpenBLAS, loaded when first asked for, on the core that fits the CPU.
///
/// The engine's own kernels do its products: at the sizes of prefill they are as fast, and they sum a row in one order in
/// every batch, which no BLAS promises. OpenBLAS is what `doctor` compares them with. Debian 12's release does not know newer
/// CPUs and falls back to a core that is several times slower; the core is chosen when the library is loaded, by
/// environment variables. They are set for that moment only, so ask first while no other thread reads the environment.
final class OpenBLAS: Sendable {
  /// The library; `nil` if it is not installed or has not what is needed.
  static let shared = OpenBLAS()

  /// The file that was loaded.
  let path: String
  /// The name of the core in use, for instance `SkylakeX`.
  let core: String
  /// Version and build options, as the library states them.
  let configuration: String
  /// Whether a small product comes out right: some releases are known to go wrong on some CPUs.
  let isRight: Bool

  private typealias SGEMM =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>?, Int32, UnsafePointer<Float>?, Int32,
      Float,
      UnsafeMutablePointer<Float>?, Int32
    ) -> Void
  private typealias Text = @convention(c) () -> UnsafePointer<CChar>?
  private typealias SetThreads = @convention(c) (Int32) -> Void

  private static let file = "libopenblas.so.0"
  private let sgemm: SGEMM

  private init?() {
    // A library that the process has loaded already keeps its core.
    guard let handle = dlopen(Self.file, RTLD_NOW | RTLD_NOLOAD) ?? Self.load(),
      let product = dlsym(handle, "cblas_sgemm"),
      let core = dlsym(handle, "openblas_get_corename"),
      let configuration = dlsym(handle, "openblas_get_config"),
      let setThreads = dlsym(handle, "openblas_set_num_threads")
    else { return nil }
    sgemm = unsafeBitCast(product, to: SGEMM.self)
    unsafeBitCast(setThreads, to: SetThreads.self)(1)
    self.core = Self.text(unsafeBitCast(core, to: Text.self))
    self.configuration = Self.text(unsafeBitCast(configuration, to: Text.self))
    path = umk_loaded_file(product).map { String(cString: $0) } ?? Self.file
    isRight = Self.largestDifference(sgemm, rows: 37, outputs: 45, inputs: 129) < 1e-3
  }

  /// y = x wᵀ on the calling thread, with x `[rows, inputs]`, w `[outputs, inputs]` and y `[rows, outputs]`, each size
  /// below 2³¹.
  private static func multiply(
    _ sgemm: SGEMM, _ x: UnsafePointer<Float>, _ rows: Int, _ w: UnsafePointer<Float>, _ outputs: Int, _ inputs: Int,
    _ y: UnsafeMutablePointer<Float>
  ) {
    let (rowMajor, plain, transposed): (Int32, Int32, Int32) = (101, 111, 112)
    let (m, n, k) = (Int32(rows), Int32(outputs), Int32(inputs))
    sgemm(rowMajor, plain, transposed, m, n, k, 1, x, k, w, k, 0, y, n)
  }

  /// Loads the library with the core chosen and no threads of its own, which it would start at once.
  private static func load() -> UnsafeMutableRawPointer? {
    var settings = [("OPENBLAS_NUM_THREADS", "1")]
    if let core = fittingCore { settings.append(("OPENBLAS_CORETYPE", core)) }
    let changed = settings.filter { getenv($0.0) == nil }
    for (name, value) in changed { setenv(name, value, 1) }
    defer { for (name, _) in changed { unsetenv(name) } }
    return dlopen(file, RTLD_NOW | RTLD_LOCAL)
  }

  /// The core made for the instructions that this CPU has; `nil` leaves the choice to the library.
  private static var fittingCore: String? {
    switch umk_best_path() {
    case UMK_PATH_AVX512: "SkylakeX"
    case UMK_PATH_AVX2: "Haswell"
    default: nil
    }
  }

  /// How far a product `[rows, inputs]` x `[outputs, inputs]` of fixed numbers in -1...1 is from the engine's own.
  func largestDifference(rows: Int, outputs: Int, inputs: Int) -> Float {
    Self.largestDifference(sgemm, rows: rows, outputs: outputs, inputs: inputs)
  }

  private static func largestDifference(_ sgemm: SGEMM, rows: Int, outputs: Int, inputs: Int) -> Float {
    let x = (0..<rows * inputs).map { Float($0 * 37 % 101 - 50) / 50 }
    let w = (0..<outputs * inputs).map { Float($0 * 53 % 103 - 51) / 51 }
    var theirs = [Float](repeating: 0, count: rows * outputs)
    var ours = theirs
    multiply(sgemm, x, rows, w, outputs, inputs, &theirs)
    x.withUnsafeBufferPointer { x in
      w.withUnsafeBufferPointer { w in
        ours.withUnsafeMutableBufferPointer { y in
          guard let x = x.baseAddress, let w = w.baseAddress, let y = y.baseAddress else { return }
          var matrix = umk_matrix(data: w, rows: outputs, columns: inputs, dtype: UMK_F32)
          let inputRows: [UnsafePointer<Float>?] = (0..<rows).map { x + $0 * inputs }
          let outputRows: [UnsafeMutablePointer<Float>?] = (0..<rows).map { y + $0 * outputs }
          umk_linear(&matrix, 0, outputs, inputRows, rows, nil, outputRows)
        }
      }
    }
    return zip(theirs, ours).reduce(0) { largest, pair in
      let distance = abs(pair.0 - pair.1)
      return distance.isFinite ? max(largest, distance) : .infinity
    }
  }

  private static func text(_ function: Text) -> String {
    function().map { String(cString: $0).trimmingPrefix { $0 == " " } }.map(String.init) ?? ""
  }
}
