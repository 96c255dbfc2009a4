import CKernels
import Glibc
import Testing

@testable import unimoe_audio

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
      let difference = library.largestDifference(rows: rows, outputs: outputs, inputs: inputs)
      #expect(difference < 2e-6 * Float(inputs).squareRoot() + 1e-5)
    }
  }
}
