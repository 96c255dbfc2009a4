import Cjack

/// The libjack that the program was started with: jack2's, or PipeWire's in its place. They differ where this module
/// asks.
enum JACKLibrary {
  /// PipeWire's says so in its version: `3.0.0.0 (using PipeWire 0.3.65)`.
  static let isPipeWire = jack_get_version_string().map { String(cString: $0).contains("PipeWire") } ?? false

  /// Bytes of the longest client name. Both libraries tell the size of a buffer with its closing zero; jack2 takes names
  /// that are another byte shorter.
  static let longestClientName = Int(jack_client_name_size()) - (isPipeWire ? 1 : 2)
}
