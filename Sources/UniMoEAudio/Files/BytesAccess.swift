extension String {
  /// Calls `body` with the text's UTF-8.
  package func withUTF8Bytes<Value>(
    _ body: (UnsafeRawBufferPointer) throws(UniMoEError) -> Value
  ) throws(UniMoEError) -> Value {
    try Array(utf8).withBytes(body)
  }
}

extension Array {
  /// `withUnsafeBytes` with a typed error.
  package func withBytes<Value>(
    _ body: (UnsafeRawBufferPointer) throws(UniMoEError) -> Value
  ) throws(UniMoEError) -> Value {
    try withUnsafeBytes { bytes in Result { () throws(UniMoEError) in try body(bytes) } }.get()
  }
}
