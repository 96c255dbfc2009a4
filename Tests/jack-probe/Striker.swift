import Cjack
import Foundation
import Synchronization

/// What the two callbacks of a striker touch.
struct StrikerState: ~Copyable {
  let keys: OpaquePointer
  let notesIn: OpaquePointer
  let soundIn: OpaquePointer
  let samples: UnsafeMutablePointer<Float>
  let capacity: Int
  let firstNote: Int
  let noteCount: Int
  /// Cycles between two notes.
  let gap: Int
  /// Where in the recording each note was heard.
  let positions: UnsafeMutablePointer<Int>
  let isRunning = Atomic<Bool>(false)
  /// Cycles of the keys.
  let cycles = Atomic<Int>(0)
  let struck = Atomic<Int>(0)
  let count = Atomic<Int>(0)
}

/// Strikes notes, one after the other and each at another frame of its cycle, at a MIDI port, and records what an audio
/// port plays meanwhile, into a file of raw floats. Prints a line per note: the frame of the recording at which it came.
///
/// The ears hear the keys and the sound in one graph, after both: what they hear in one cycle was in one cycle.
func strike(source: String, cues: String, firstNote: Int, notes: Int, gap: Int, output: String) {
  let (keyboard, ears) = (openClient("probe-keys"), openClient("probe-ears"))
  guard
    let keys = jack_port_register(keyboard, "out", cjack_midi_type(), UInt(JackPortIsOutput.rawValue), 0),
    let notesIn = jack_port_register(ears, "notes", cjack_midi_type(), UInt(JackPortIsInput.rawValue), 0),
    let soundIn = jack_port_register(ears, "sound", cjack_audio_type(), UInt(JackPortIsInput.rawValue), 0)
  else { fail("no ports") }
  let capacity = (notes + 2) * gap * Int(jack_get_buffer_size(ears))
  let samples = UnsafeMutablePointer<Float>.allocate(capacity: capacity)
  samples.initialize(repeating: 0, count: capacity)
  let positions = UnsafeMutablePointer<Int>.allocate(capacity: notes)
  positions.initialize(repeating: -1, count: notes)
  let state = UnsafeMutablePointer<StrikerState>.allocate(capacity: 1)
  state.initialize(
    to: StrikerState(
      keys: keys, notesIn: notesIn, soundIn: soundIn, samples: samples, capacity: capacity, firstNote: firstNote,
      noteCount: notes, gap: gap, positions: positions))
  jack_set_process_callback(keyboard, strikeCycle, state)
  jack_set_process_callback(ears, listenCycle, state)
  guard jack_activate(keyboard) == 0, jack_activate(ears) == 0 else { fail("no activation") }
  for (from, to) in [("probe-keys:out", cues), ("probe-keys:out", "probe-ears:notes"), (source, "probe-ears:sound")] {
    guard jack_connect(ears, from, to) == 0 else { fail("no connection from \(from) to \(to)") }
  }
  usleep(200_000)
  state.pointee.isRunning.store(true, ordering: .releasing)
  let start = Date()
  while state.pointee.count.load(ordering: .acquiring) < capacity {
    if Date().timeIntervalSince(start) > 60 { fail("time out: \(capacity) frames") }
    usleep(2000)
  }
  jack_client_close(keyboard)
  jack_client_close(ears)
  for note in 0..<notes { print(positions[note]) }
  let bytes = Data(bytes: samples, count: capacity * MemoryLayout<Float>.size)
  guard FileManager.default.createFile(atPath: output, contents: bytes) else { fail("cannot write \(output)") }
}

/// One cycle of the keys. Audio thread.
private func strikeCycle(_ nframes: jack_nframes_t, _ context: UnsafeMutableRawPointer?) -> Int32 {
  guard let state = context?.assumingMemoryBound(to: StrikerState.self),
    let buffer = jack_port_get_buffer(state.pointee.keys, nframes)
  else { return 0 }
  jack_midi_clear_buffer(buffer)
  guard state.pointee.isRunning.load(ordering: .acquiring) else { return 0 }
  let cycle = state.pointee.cycles.wrappingAdd(1, ordering: .relaxed).newValue
  let note = state.pointee.struck.load(ordering: .relaxed)
  guard note < state.pointee.noteCount, cycle == (note + 1) * state.pointee.gap else { return 0 }
  let frame = jack_nframes_t(note * 37) % nframes
  if let event = jack_midi_event_reserve(buffer, frame, 3) {
    event[0] = 0x90
    event[1] = UInt8(state.pointee.firstNote + note)
    event[2] = 100
  }
  state.pointee.struck.store(note + 1, ordering: .relaxed)
  return 0
}

/// One cycle of the ears. Audio thread.
private func listenCycle(_ nframes: jack_nframes_t, _ context: UnsafeMutableRawPointer?) -> Int32 {
  guard let state = context?.assumingMemoryBound(to: StrikerState.self),
    state.pointee.isRunning.load(ordering: .acquiring),
    let notes = jack_port_get_buffer(state.pointee.notesIn, nframes),
    let sound = jack_port_get_buffer(state.pointee.soundIn, nframes)?.assumingMemoryBound(to: Float.self)
  else { return 0 }
  let position = state.pointee.count.load(ordering: .relaxed)
  for index in 0..<jack_midi_get_event_count(notes) {
    var event = jack_midi_event_t()
    guard jack_midi_event_get(&event, notes, index) == 0, event.size == 3, event.buffer[0] == 0x90 else { continue }
    let note = Int(event.buffer[1]) - state.pointee.firstNote
    if (0..<state.pointee.noteCount).contains(note) { state.pointee.positions[note] = position + Int(event.time) }
  }
  let count = min(Int(nframes), state.pointee.capacity - position)
  (state.pointee.samples + position).update(from: sound, count: count)
  state.pointee.count.store(position + count, ordering: .releasing)
  return 0
}
