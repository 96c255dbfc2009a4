/// Colours for levels: dark to bright through violet and orange, even in lightness ("magma" of S. van der Walt and
/// N. Smith, ten of its colours, mixed in between).
enum ColourMap {
  private static let stops: [Picture.Colour] = [
    0x000004, 0x180f3e, 0x451077, 0x721f81, 0x9f2f7f, 0xcd4071, 0xf1605d, 0xfd9567, 0xfec98d, 0xfcfdbf,
  ].map(Picture.Colour.init)

  /// 256 colours from the lowest level to the highest.
  static let table: [Picture.Colour] = (0..<256).map { index in
    let place = Double(index) / 255 * Double(stops.count - 1)
    let low = min(Int(place), stops.count - 2)
    return stops[low].mixed(with: stops[low + 1], place - Double(low))
  }

  /// The colour of a share (0...1) of the range.
  static func colour(at share: Double) -> Picture.Colour { table[Int((max(0, min(1, share)) * 255).rounded())] }
}
