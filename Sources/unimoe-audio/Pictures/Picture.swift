/// An RGB picture in memory that can be drawn on. What lies outside is not drawn.
struct Picture {
  /// A colour, 8 bits per component.
  struct Colour: Equatable, Sendable {
    var red: UInt8
    var green: UInt8
    var blue: UInt8

    /// Creates a colour from 0xrrggbb.
    init(_ value: UInt32) {
      red = UInt8(truncatingIfNeeded: value >> 16)
      green = UInt8(truncatingIfNeeded: value >> 8)
      blue = UInt8(truncatingIfNeeded: value)
    }

    /// The colour at `share` (0...1) of the way to another.
    func mixed(with other: Colour, _ share: Double) -> Colour {
      func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
        UInt8((Double(a) + (Double(b) - Double(a)) * max(0, min(1, share))).rounded())
      }
      var result = self
      result.red = mix(red, other.red)
      result.green = mix(green, other.green)
      result.blue = mix(blue, other.blue)
      return result
    }
  }

  /// How text lies to its point.
  enum Alignment { case left, center, right }

  let width: Int
  let height: Int
  /// Three bytes per pixel, row by row from the top.
  private(set) var bytes: [UInt8]

  /// Creates a picture of one colour.
  init(width: Int, height: Int, _ colour: Colour) {
    self.width = width
    self.height = height
    bytes = []
    bytes.reserveCapacity(width * height * 3)
    for _ in 0..<width * height { bytes += [colour.red, colour.green, colour.blue] }
  }

  /// The colour of a pixel inside the picture.
  subscript(x: Int, y: Int) -> Colour {
    let at = (y * width + x) * 3
    return Colour(UInt32(bytes[at]) << 16 | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]))
  }

  /// Colours a pixel.
  mutating func set(_ x: Int, _ y: Int, _ colour: Colour) {
    guard (0..<width).contains(x), (0..<height).contains(y) else { return }
    let at = (y * width + x) * 3
    bytes[at] = colour.red
    bytes[at + 1] = colour.green
    bytes[at + 2] = colour.blue
  }

  /// Fills a rectangle; `opacity` below 1 lets the ground shine through.
  mutating func fill(x: Int, y: Int, width: Int, height: Int, _ colour: Colour, opacity: Double = 1) {
    for row in max(0, y)..<max(0, y, min(self.height, y + height)) {
      for column in max(0, x)..<max(0, x, min(self.width, x + width)) {
        set(column, row, opacity == 1 ? colour : self[column, row].mixed(with: colour, opacity))
      }
    }
  }

  /// Draws the one-pixel frame around a rectangle.
  mutating func frame(x: Int, y: Int, width: Int, height: Int, _ colour: Colour) {
    fill(x: x - 1, y: y - 1, width: width + 2, height: 1, colour)
    fill(x: x - 1, y: y + height, width: width + 2, height: 1, colour)
    fill(x: x - 1, y: y, width: 1, height: height, colour)
    fill(x: x + width, y: y, width: 1, height: height, colour)
  }

  /// Draws text in double size with smoothed steps; `y` is its top, `x` its left, middle or right.
  mutating func text(_ text: String, x: Int, y: Int, _ colour: Colour, _ alignment: Alignment = .left) {
    let characters = PixelFont.characters(of: text)
    let length = Self.width(of: text)
    var left = x - (alignment == .left ? 0 : alignment == .center ? length / 2 : length)
    for character in characters {
      for row in 0..<8 {
        for column in 0..<5 { drawQuad(character, column, row, x: left + 2 * column, y: y + 2 * row, colour) }
      }
      left += 2 * PixelFont.advance
    }
  }

  /// How many pixels wide drawn text is.
  static func width(of text: String) -> Int { max(0, 2 * PixelFont.advance * PixelFont.characters(of: text).count - 2) }

  /// One font pixel as four: the corners between two inked neighbours are half inked, so slants lose their steps.
  private mutating func drawQuad(_ character: UInt8, _ column: Int, _ row: Int, x: Int, y: Int, _ colour: Colour) {
    let isInked = PixelFont.hasInk(character, column, row)
    for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
      let beside = PixelFont.hasInk(character, column + 2 * dx - 1, row)
      let above = PixelFont.hasInk(character, column, row + 2 * dy - 1)
      let corner = PixelFont.hasInk(character, column + 2 * dx - 1, row + 2 * dy - 1)
      if isInked {
        set(x + dx, y + dy, colour)
      } else if beside && above && !corner {
        fill(x: x + dx, y: y + dy, width: 1, height: 1, colour, opacity: 0.5)
      }
    }
  }
}
