import CKernels
import Glibc
import Testing

@testable import UniMoEAudio

@Suite(.enabled(if: OpenBLAS.shared != nil, "OpenBLAS is not installed")) struct OpenBLASTests {
  @Test func theCoreFitsTheProcessor() throws {
    let library = try #require(OpenBLAS.shared)
    switch umk_best_path() {
    case UMK_PATH_AVX512: #expect(library.core == "SkylakeX")
    case UMK_PATH_AVX2: #expect(library.core == "Haswell")
    default: #expect(!library.core.isEmpty)
    }
    #expect(library.configuration.hasPrefix("OpenBLAS"))
    #expect(library.path.contains("openblas"))
  }

  @Test func theEnvironmentIsAsBefore() {
    _ = OpenBLAS.shared
    #expect(getenv("OPENBLAS_CORETYPE") == nil)
    #expect(getenv("OPENBLAS_NUM_THREADS") == nil)
  }

  /// An independent implementation agrees with the kernels.
  @Test func matrixProductsAgree() throws {
    let library = try #require(OpenBLAS.shared)
    #expect(library.isRight)
    for (rows, outputs, inputs) in [(1, 64, 64), (33, 130, 200), (70, 48, 1100)] {
      let w = StoredMatrix(rows: outputs, columns: inputs, seed: 1)
      let x = pseudoRandom(rows * inputs, seed: 2)
      var theirs = [Float](repeating: .nan, count: rows * outputs)
      library.multiply(x: x, rows: rows, w: w.values, outputs: outputs, inputs: inputs, into: &theirs)
      let ours = try MatrixProduct.project(w.matrix, x: x, rows: rows)
      #expect(zip(ours, theirs).allSatisfy { abs($0 - $1) < 2e-6 * Float(inputs).squareRoot() + 1e-5 })
    }
  }
}
