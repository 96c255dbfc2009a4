import Glibc

/// The power spectrum of real signals by a radix-2 fast Fourier transform.
struct FourierTransform {
  /// Samples per transform, a power of two.
  let size: Int
  private let cosines: [Double]
  private let sines: [Double]
  private let order: [Int]
  private var real: [Double]
  private var imaginary: [Double]

  /// Prepares transforms.
  ///
  /// - Precondition: `size` is a power of two of at least 2.
  init(size: Int) {
    precondition(size >= 2 && size & (size - 1) == 0, "the size is a power of two")
    self.size = size
    cosines = (0..<size / 2).map { cos(2 * Double.pi * Double($0) / Double(size)) }
    sines = (0..<size / 2).map { -sin(2 * Double.pi * Double($0) / Double(size)) }
    let bits = size.trailingZeroBitCount
    order = (0..<size).map { index in
      (0..<bits).reduce(0) { $0 | (index >> $1 & 1) << (bits - 1 - $1) }
    }
    real = [Double](repeating: 0, count: size)
    imaginary = real
  }

  /// Adds the squared magnitudes of the `size / 2 + 1` frequencies of a signal to `sums`.
  ///
  /// - Precondition: the signal has at most `size` samples (zeros follow), `sums` has `size / 2 + 1` numbers.
  mutating func addPower(of signal: [Double], to sums: inout [Double]) {
    precondition(signal.count <= size && sums.count == size / 2 + 1, "a transform has its size")
    for (index, source) in order.enumerated() {
      real[index] = source < signal.count ? signal[source] : 0
      imaginary[index] = 0
    }
    transform()
    for index in sums.indices { sums[index] += real[index] * real[index] + imaginary[index] * imaginary[index] }
  }

  private mutating func transform() {
    var half = 1
    while half < size {
      let step = size / (2 * half)
      for block in stride(from: 0, to: size, by: 2 * half) {
        for offset in 0..<half {
          let (c, s) = (cosines[offset * step], sines[offset * step])
          let (low, high) = (block + offset, block + offset + half)
          let (re, im) = (real[high] * c - imaginary[high] * s, real[high] * s + imaginary[high] * c)
          (real[high], imaginary[high]) = (real[low] - re, imaginary[low] - im)
          (real[low], imaginary[low]) = (real[low] + re, imaginary[low] + im)
        }
      }
      half *= 2
    }
  }
}
