/// What fires a playback that is held, beside its `fire`.
public struct Cue: Equatable, Sendable {
  /// The MIDI note, 0 to 127, that fires it when it is switched on at the cue port, on whatever channel.
  public var note: Int?
  /// The frame of the JACK transport that fires it when the transport rolls over it.
  public var transportFrame: Int?

  /// Creates a cue; without note and frame it is fired by `Playback.fire` alone.
  public init(note: Int? = nil, transportFrame: Int? = nil) {
    self.note = note
    self.transportFrame = transportFrame
  }
}
