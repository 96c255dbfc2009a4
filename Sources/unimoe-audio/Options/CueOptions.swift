import ArgumentParser
import ControlProtocol

/// What fires an armed request, beside `send go`.
struct CueOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Fire it by this MIDI note of the cues port, 0 to 127.", valueName: "number"))
  var note: Int?

  @Option(help: ArgumentHelp("Fire it when the JACK transport rolls over this frame.", valueName: "number"))
  var frame: Int?

  /// Has a request wait for the cue, and go on without this program.
  func arm(_ options: inout RequestOptions) throws {
    if let note, !(0...127).contains(note) {
      throw CommandFailure(.usage, "--note: expected 0 to 127, found \(note)")
    }
    if let frame, !(0...Int(UInt32.max)).contains(frame) {
      throw CommandFailure(.usage, "--frame: expected 0 to \(UInt32.max), found \(frame)")
    }
    (options.isHeld, options.cueNote, options.cueFrame) = (true, note, frame)
    options.onDisconnect = .proceed
  }
}
