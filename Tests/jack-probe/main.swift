// The other end of the JACK tests, a process of its own: libjack serves one server per process, and that one is killed.
// The server is named by JACK_DEFAULT_SERVER.

import Cjack
import Foundation

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "list" where arguments.count == 2:
  listPorts(arguments[1])
case "record" where arguments.count >= 4:
  guard let frames = Int(arguments[2]), frames > 0 else { fail("frames: \(arguments[2])") }
  record(
    source: arguments[1], frames: frames, output: arguments[3], freewheels: arguments.dropFirst(4).first == "freewheel")
case "strike" where arguments.count == 7:
  let numbers = arguments[3...5].compactMap { Int($0) }
  guard numbers.count == 3, numbers.allSatisfy({ $0 > 0 }) else { fail("numbers: \(arguments[3...5])") }
  strike(
    source: arguments[1], cues: arguments[2], firstNote: numbers[0], notes: numbers[1], gap: numbers[2],
    output: arguments[6])
case "roll" where arguments.count == 2:
  let client = openClient("probe-roll")
  guard jack_activate(client) == 0, jack_transport_locate(client, jack_nframes_t(arguments[1]) ?? 0) == 0 else {
    fail("roll: no transport")
  }
  jack_transport_start(client)
  usleep(100_000)
  jack_client_close(client)
case "connect" where arguments.count == 3, "disconnect" where arguments.count == 3:
  let client = openClient("probe-connect")
  let isWanted = arguments[0] == "connect"
  let status =
    isWanted ? jack_connect(client, arguments[1], arguments[2]) : jack_disconnect(client, arguments[1], arguments[2])
  jack_client_close(client)
  if status != 0 { fail("\(arguments[0]): \(status)") }
case "buffer-size" where arguments.count == 2:
  let client = openClient("probe-buffer-size")
  let status = jack_set_buffer_size(client, jack_nframes_t(arguments[1]) ?? 0)
  jack_client_close(client)
  if status != 0 { fail("buffer-size: \(status)") }
default:
  fail(
    "list PATTERN | record SOURCE FRAMES FILE [freewheel] | strike SOURCE CUES NOTE COUNT GAP FILE | roll FRAME | connect FROM TO | disconnect FROM TO | buffer-size FRAMES"
  )
}
