/// One product of some rows: what it reads besides them, and where it writes.
struct Projection {
  let matrix: Matrix
  var bias: UnsafePointer<Float>?
  let output: Activations
}
