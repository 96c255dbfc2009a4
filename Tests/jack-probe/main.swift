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
    "list PATTERN | record SOURCE FRAMES FILE [freewheel] | connect FROM TO | disconnect FROM TO | buffer-size FRAMES")
}
