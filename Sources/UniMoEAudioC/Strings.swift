// The header documents the exported functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CUniMoEAudio
import CVersion
import Glibc
import UniMoEAudio

/// Copies a string to a C buffer, cut to `size` bytes with its zero byte; returns the whole string's bytes.
func copy(_ text: String, to buffer: UnsafeMutablePointer<CChar>?, size: Int) -> Int {
  let bytes = Array(text.utf8)
  if let buffer, size > 0 {
    // A character is not cut in two: continuation bytes go with the byte that began them.
    var count = min(bytes.count, size - 1)
    while count < bytes.count, count > 0, bytes[count] & 0xC0 == 0x80 { count -= 1 }
    for index in 0..<count { buffer[index] = CChar(bitPattern: bytes[index]) }
    buffer[count] = 0
  }
  return bytes.count
}

/// A C string argument. Throws if it is null or not UTF-8.
func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(UniMoEError) -> String {
  let pointer = try required(pointer, name)
  guard let text = String(validatingCString: pointer) else {
    throw argumentError(name, expected: "UTF-8", found: "other bytes")
  }
  return text
}

/// A string that never goes away, as C sees it.
private func constant(_ text: StaticString) -> UnsafePointer<CChar> {
  UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

@c @implementation
public func unimoe_status_string(_ status: unimoe_status) -> UnsafePointer<CChar> {
  switch status {
  case UNIMOE_OK: constant("ok")
  case UNIMOE_ERROR_ARGUMENT: constant("wrong argument")
  case UNIMOE_ERROR_REQUEST: constant("request out of range")
  case UNIMOE_ERROR_TIMEOUT: constant("timeout")
  case UNIMOE_ERROR_MODEL: constant("unusable model")
  case UNIMOE_ERROR_AUDIO: constant("unusable sound")
  case UNIMOE_ERROR_VOICE: constant("unusable voice")
  case UNIMOE_ERROR_SYSTEM: constant("system error")
  case UNIMOE_ERROR_CANCELLED: constant("cancelled")
  default: constant("unknown status")
  }
}

@c @implementation
public func unimoe_error_message(_ buffer: UnsafeMutablePointer<CChar>?, _ size: Int) -> Int {
  copy(ErrorMessage.text, to: buffer, size: size)
}

@c @implementation
public func unimoe_version() -> UInt32 {
  UInt32(UNIMOE_AUDIO_VERSION_MAJOR << 16 | UNIMOE_AUDIO_VERSION_MINOR << 8 | UNIMOE_AUDIO_VERSION_PATCH)
}

@c @implementation
public func unimoe_version_string() -> UnsafePointer<CChar> { unimoe_audio_version_text() }
