import Cjack
import Foundation
import Synchronization

/// What the recording callback touches.
struct RecorderState: ~Copyable {
  let port: OpaquePointer
  let samples: UnsafeMutablePointer<Float>
  let capacity: Int
  let isRecording = Atomic<Bool>(false)
  let count = Atomic<Int>(0)
}

/// Records a port into a file of raw floats: connects, says "ready", and stops when the frames are full. With
/// `freewheels` the server freewheels meanwhile.
func record(source: String, frames: Int, output: String, freewheels: Bool) {
  let client = openClient("probe-record")
  guard let port = jack_port_register(client, "in", cjack_audio_type(), UInt(JackPortIsInput.rawValue), 0) else {
    fail("no port")
  }
  let samples = UnsafeMutablePointer<Float>.allocate(capacity: frames)
  samples.initialize(repeating: 0, count: frames)
  let state = UnsafeMutablePointer<RecorderState>.allocate(capacity: 1)
  state.initialize(to: RecorderState(port: port, samples: samples, capacity: frames))
  jack_set_process_callback(
    client,
    { nframes, context in
      guard let state = context?.assumingMemoryBound(to: RecorderState.self),
        state.pointee.isRecording.load(ordering: .acquiring),
        let buffer = jack_port_get_buffer(state.pointee.port, nframes)?.assumingMemoryBound(to: Float.self)
      else { return 0 }
      let position = state.pointee.count.load(ordering: .relaxed)
      let count = min(Int(nframes), state.pointee.capacity - position)
      (state.pointee.samples + position).update(from: buffer, count: count)
      state.pointee.count.store(position + count, ordering: .releasing)
      return 0
    }, state)
  guard jack_activate(client) == 0 else { fail("no activation") }
  guard jack_connect(client, source, "probe-record:in") == 0 else { fail("no connection to \(source)") }
  if freewheels {
    guard jack_set_freewheel(client, 1) == 0 else { fail("no freewheel") }
  }
  state.pointee.isRecording.store(true, ordering: .releasing)
  FileHandle.standardOutput.write(Data("ready\n".utf8))
  let start = Date()
  while state.pointee.count.load(ordering: .acquiring) < frames {
    if Date().timeIntervalSince(start) > 60 { fail("time out: \(state.pointee.count.load(ordering: .relaxed)) frames") }
    usleep(2000)
  }
  if freewheels { jack_set_freewheel(client, 0) }
  jack_client_close(client)
  let bytes = Data(bytes: samples, count: frames * MemoryLayout<Float>.size)
  guard FileManager.default.createFile(atPath: output, contents: bytes) else { fail("cannot write \(output)") }
}
