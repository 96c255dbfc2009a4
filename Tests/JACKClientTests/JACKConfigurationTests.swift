import JACKClient
import Testing

@Suite struct JACKConfigurationTests {
  @Test(arguments: [
    (JACKConfiguration(clientName: ""), "client name"),
    (JACKConfiguration(clientName: "a:b"), "client name"),
    (JACKConfiguration(clientName: String(repeating: "x", count: 64)), "client name: expected 1 to 63 bytes"),
    (JACKConfiguration(ports: []), "ports"),
    (JACKConfiguration(ports: [.init(name: "a"), .init(name: "a")]), "each name once"),
    (JACKConfiguration(ports: [.init(name: "cues")]), "each name once"),
    (JACKConfiguration(ports: [.init(name: String(repeating: "y", count: 400))]), "port name"),
    (JACKConfiguration(connections: [.init(port: "none", pattern: ".*")]), "output ports"),
    (JACKConfiguration(connections: [.init(port: "speech_1", pattern: "(")]), "regular expression"),
    (JACKConfiguration(playbackLimit: 0), "playback limit"),
  ])
  func wrongConfigurationsAreRefusedWithTheReason(configuration: JACKConfiguration, reason: String) {
    let error = #expect(throws: JACKClientError.self) { _ = try JACKClient(configuration) }
    #expect(error?.description.contains(reason) == true)
  }
}
