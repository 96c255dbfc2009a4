/// Rows of a signal in time order, appended at the end and consumed at the front: what a convolution still needs.
///
/// Rows lie one after the other, so that a kernel reads any run of them as one matrix `[rows, width]`.
final class RowQueue {
  /// Numbers per row.
  let width: Int
  /// How many rows there are.
  private(set) var count = 0
  private var head = 0
  private var buffer: FloatBuffer

  /// Creates an empty queue.
  init(width: Int) {
    self.width = width
    buffer = FloatBuffer(bounded: 0)
  }

  /// Makes room for `rows` rows at a time; more of them make the queue grow.
  func prepare(for rows: Int) {
    if rows * width > buffer.count { grow(to: rows) }
  }

  /// Calls `body` with a row, counted from the front, and those after it.
  ///
  /// - Precondition: `body` makes no room and appends nothing.
  @inline(__always)
  func withRows<Value, Failure: Error>(
    from row: Int, _ body: (UnsafeMutablePointer<Float>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let start = (head + row) * width
    return try buffer.withPointer { (first) throws(Failure) in try body(first + start) }
  }

  /// Makes room for `rows` rows after the last one and lets `body` write them; `commit` takes them into the queue.
  @inline(__always)
  func reserve<Value>(_ rows: Int, _ body: (UnsafeMutablePointer<Float>) -> Value) -> Value {
    makeRoom(for: rows)
    return withRows(from: count, body)
  }

  /// Makes the first `rows` of the reserved rows part of the queue, after dropping `skipped` rows before them.
  func commit(_ rows: Int, skipping skipped: Int = 0) {
    if skipped > 0 { withRows(from: count) { $0.update(from: $0 + skipped * width, count: rows * width) } }
    count += rows
  }

  /// Appends rows of silence.
  func appendZeros(_ rows: Int) {
    reserve(rows) { $0.update(repeating: 0, count: rows * width) }
    count += rows
  }

  /// Drops rows from the front.
  ///
  /// - Precondition: there are that many.
  func removeFirst(_ rows: Int) {
    precondition(rows <= count, "a queue gives no more rows than it has")
    count -= rows
    head = count == 0 ? 0 : head + rows
  }

  /// Drops all rows.
  func removeAll() {
    count = 0
    head = 0
  }

  private func makeRoom(for rows: Int) {
    if (count + rows) * width > buffer.count {
      grow(to: 2 * (count + rows))
    } else if (head + count + rows) * width > buffer.count {
      buffer.withPointer { $0.update(from: $0 + head * width, count: count * width) }
      head = 0
    }
  }

  private func grow(to rows: Int) {
    let grown = FloatBuffer(bounded: rows * width)
    grown.withPointer { target in withRows(from: 0) { target.update(from: $0, count: count * width) } }
    buffer = grown
    head = 0
  }
}
