import Cjack
import Foundation

/// A line on standard error, and the end of the program.
func fail(_ problem: String) -> Never {
  FileHandle.standardError.write(Data("jack-probe: \(problem)\n".utf8))
  exit(1)
}

/// Opens a client that starts no server; waits for a server that is just starting.
func openClient(_ name: String) -> OpaquePointer {
  jack_set_error_function { _ in }
  jack_set_info_function { _ in }
  for _ in 0..<100 {
    var status = JackStatus(0)
    if let client = cjack_client_open(name, jack_options_t(JackNoStartServer.rawValue), &status, nil) { return client }
    usleep(50_000)
  }
  fail("no server")
}

/// The strings of a list that JACK allocated.
func strings(_ list: UnsafeMutablePointer<UnsafePointer<CChar>?>?) -> [String] {
  guard let list else { return [] }
  defer { jack_free(list) }
  var strings: [String] = []
  while let text = list[strings.count] { strings.append(String(cString: text)) }
  return strings
}

/// Prints one line per port that a regular expression fits: name, pretty name, order, playback latency (minimum and
/// maximum), capture latency, connections; separated by tabs.
func listPorts(_ pattern: String) {
  let client = openClient("probe-list")
  for name in strings(jack_get_ports(client, pattern, nil, 0)) {
    guard let port = jack_port_by_name(client, name) else { continue }
    var columns = [name]
    for key in [cjack_pretty_name_key(), cjack_order_key()] {
      var value: UnsafeMutablePointer<CChar>?
      var type: UnsafeMutablePointer<CChar>?
      let found = jack_get_property(jack_port_uuid(port), key, &value, &type) == 0
      columns.append(found ? value.map { String(cString: $0) } ?? "" : "")
      jack_free(value)
      jack_free(type)
    }
    for mode in [JackPlaybackLatency, JackCaptureLatency] {
      var range = jack_latency_range_t(min: 0, max: 0)
      jack_port_get_latency_range(port, mode, &range)
      columns.append("\(range.min)-\(range.max)")
    }
    columns.append(strings(jack_port_get_all_connections(client, port)).sorted().joined(separator: ","))
    print(columns.joined(separator: "\t"))
  }
  jack_client_close(client)
}
