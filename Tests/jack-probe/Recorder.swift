import Cjack
import Foundation
import Synchronization

/// What the recording callback touches.
struct RecorderState: ~Copyable {
  let port: OpaquePointer
  let samples: UnsafeMutablePointer<Float>
  let capacity: Int
  /// Whether a cycle ran with the port's connection in the graph.
  let isConnected = Atomic<Bool>(false)
  let isRecording = Atomic<Bool>(false)
  let count = Atomic<Int>(0)
}

/// Records a port into a file of raw floats: connects, says "ready", and stops when the frames are full. With
/// `freewheels` the server freewheels meanwhile, and its first cycle is the recording's.
///
/// All that a cycle needs to be recorded is there before the cycle can come: the connection was seen by a cycle, and the
/// server tells its clients that it will freewheel before it does.
func record(source: String, frames: Int, output: String, freewheels: Bool) {
  let client = openClient("probe-record")
  guard let port = jack_port_register(client, "in", cjack_audio_type(), UInt(JackPortIsInput.rawValue), 0) else {
    fail("no port")
  }
  let samples = UnsafeMutablePointer<Float>.allocate(capacity: frames)
  samples.initialize(repeating: 0, count: frames)
  let state = UnsafeMutablePointer<RecorderState>.allocate(capacity: 1)
  state.initialize(to: RecorderState(port: port, samples: samples, capacity: frames))
  jack_set_process_callback(client, recordCycle, state)
  jack_set_freewheel_callback(
    client,
    { starting, context in
      guard starting != 0, let state = context?.assumingMemoryBound(to: RecorderState.self) else { return }
      state.pointee.isRecording.store(true, ordering: .releasing)
    }, state)
  guard jack_activate(client) == 0 else { fail("no activation") }
  guard jack_connect(client, source, "probe-record:in") == 0 else { fail("no connection to \(source)") }
  wait("the connection") { state.pointee.isConnected.load(ordering: .acquiring) }
  if freewheels {
    guard jack_set_freewheel(client, 1) == 0 else { fail("no freewheel") }
    wait("the freewheeling") { state.pointee.isRecording.load(ordering: .acquiring) }
  } else {
    state.pointee.isRecording.store(true, ordering: .releasing)
  }
  FileHandle.standardOutput.write(Data("ready\n".utf8))
  wait("\(frames) frames") { state.pointee.count.load(ordering: .acquiring) >= frames }
  if freewheels { jack_set_freewheel(client, 0) }
  jack_client_close(client)
  let bytes = Data(bytes: samples, count: frames * MemoryLayout<Float>.size)
  guard FileManager.default.createFile(atPath: output, contents: bytes) else { fail("cannot write \(output)") }
}

/// One cycle of the recorder. Audio thread.
private func recordCycle(_ nframes: jack_nframes_t, _ context: UnsafeMutableRawPointer?) -> Int32 {
  guard let state = context?.assumingMemoryBound(to: RecorderState.self) else { return 0 }
  if jack_port_connected(state.pointee.port) > 0 { state.pointee.isConnected.store(true, ordering: .releasing) }
  guard state.pointee.isRecording.load(ordering: .acquiring),
    let buffer = jack_port_get_buffer(state.pointee.port, nframes)?.assumingMemoryBound(to: Float.self)
  else { return 0 }
  let position = state.pointee.count.load(ordering: .relaxed)
  let count = min(Int(nframes), state.pointee.capacity - position)
  (state.pointee.samples + position).update(from: buffer, count: count)
  state.pointee.count.store(position + count, ordering: .releasing)
  return 0
}

/// Sleeps until a condition holds; ends the program if it does not within a minute.
private func wait(_ what: String, until condition: () -> Bool) {
  let start = Date()
  while !condition() {
    if Date().timeIntervalSince(start) > 60 { fail("time out: \(what)") }
    usleep(2000)
  }
}
