/// Keys (after rotation) and values of one stream: `[layers, kvHeads, capacity, headDimension]` each, float32.
final class KeyValueCache {
  /// Positions that the cache can hold.
  let capacity: Int
  /// Positions that are filled in every layer.
  private(set) var count = 0

  private let keys: FloatBuffer
  private let values: FloatBuffer
  private let kvHeads: Int
  private let headDimension: Int

  /// Allocates a cache; memory is taken from the system only as positions are written.
  init(_ configuration: ModelConfiguration, capacity: Int) throws(UniMoEError) {
    self.capacity = capacity
    kvHeads = configuration.kvHeads
    headDimension = configuration.headDimension
    let size = configuration.layers * kvHeads * capacity * headDimension
    keys = try FloatBuffer(size)
    values = try FloatBuffer(size)
  }

  /// Calls `body` with the keys and the values of a layer and head: rows of `headDimension` numbers, one per position.
  @inline(__always)
  func withRows<Value>(
    layer: Int, head: Int, _ body: (_ keys: UnsafePointer<Float>, _ values: UnsafePointer<Float>) -> Value
  ) -> Value {
    let start = offset(layer, head)
    return keys.withPointer { keys in values.withPointer { values in body(keys + start, values + start) } }
  }

  /// Stores the keys and values `[kvHeads, headDimension]` of one position in one layer.
  ///
  /// - Precondition: `position < capacity`.
  func store(layer: Int, position: Int, keys newKeys: UnsafePointer<Float>, values newValues: UnsafePointer<Float>) {
    precondition(position < capacity, "the cache was sized for the whole request")
    keys.withPointer { keys in
      values.withPointer { values in
        for head in 0..<kvHeads {
          let place = offset(layer, head) + position * headDimension
          (keys + place).update(from: newKeys + head * headDimension, count: headDimension)
          (values + place).update(from: newValues + head * headDimension, count: headDimension)
        }
      }
    }
  }

  /// Marks positions as filled in every layer.
  func advance(to count: Int) { self.count = count }

  private func offset(_ layer: Int, _ head: Int) -> Int {
    (layer * kvHeads + head) * capacity * headDimension
  }
}
