import Cpng
import UniMoEAudio

/// Writes pictures as PNG through libpng's simplified interface, which returns errors instead of jumping.
enum PNGFile {
  /// Writes a picture under a name, whole or not at all.
  ///
  /// Throws `UniMoEError` of kind `system` if libpng or the disk refuses.
  static func write(_ picture: Picture, to path: String) throws(UniMoEError) {
    let bytes = try encode(picture, name: path)
    let file = try AtomicFile(path: path)
    try file.write(bytes)
    try file.commit()
  }

  /// The version of libpng in use.
  static var libraryVersion: String {
    let number = Int(png_access_version_number())
    return "\(number / 10000).\(number / 100 % 100).\(number % 100)"
  }

  /// The bytes of a PNG file; `name` is for errors.
  static func encode(_ picture: Picture, name: String) throws(UniMoEError) -> [UInt8] {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(clamping: picture.width)
    image.height = png_uint_32(clamping: picture.height)
    image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
    // Room for pixels that do not compress at all: zlib adds a thousandth, the format a few hundred bytes.
    var count = picture.bytes.count + picture.height + picture.bytes.count / 100 + 4096
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let isDone = png_image_write_to_memory(&image, buffer.baseAddress, &count, 0, picture.bytes, 0, nil)
      initialized = isDone == 0 ? 0 : count
    }
    if bytes.isEmpty {
      let text = withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      throw UniMoEError(.system, name, "cannot be drawn: libpng says: \(text)")
    }
    return bytes
  }
}
