import Testing

@testable import unimoe_audiod

@Suite struct ServiceManagerTests {
  @Test func descriptorsAreThisProcessesOnly() {
    #expect(ServiceManager.descriptors(["LISTEN_FDS": "2", "LISTEN_PID": "7"], process: 7) == [3, 4])
    #expect(ServiceManager.descriptors(["LISTEN_FDS": "2", "LISTEN_PID": "8"], process: 7).isEmpty)
    #expect(ServiceManager.descriptors(["LISTEN_FDS": "2"], process: 7).isEmpty)
    for count in ["0", "-1", "65", "x", "99999999999"] {
      #expect(ServiceManager.descriptors(["LISTEN_FDS": count, "LISTEN_PID": "7"], process: 7).isEmpty)
    }
  }

  @Test func watchdogIsFedTwiceInItsTime() {
    #expect(ServiceManager.watchdogInterval(["WATCHDOG_USEC": "2000000"], process: 7) == .seconds(1))
    #expect(ServiceManager.watchdogInterval(["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "7"], process: 7) != nil)
    #expect(ServiceManager.watchdogInterval(["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "8"], process: 7) == nil)
    for time in ["0", "-5", "x", "99999999999999999999"] {
      #expect(ServiceManager.watchdogInterval(["WATCHDOG_USEC": time], process: 7) == nil)
    }
  }

  @Test func admissionKnowsUsersAndGroups() throws {
    let admission = try Admission(users: ["1234", "root"], group: "77", own: 1000)
    #expect(admission.users == [0, 1000, 1234])
    #expect(admission.group == 77)
    #expect(throws: DaemonFailure.self) { try Admission(users: ["no such user"], group: nil) }
    #expect(throws: DaemonFailure.self) { try Admission(users: [], group: "no such group") }
  }

  @Test func portsOfEachKindAreFoundByName() throws {
    let ports = PortNames(speech: 2, music: 1)
    #expect(ports.names == ["speech_1", "speech_2", "music_1"])
    #expect(try ports.index(of: nil, for: .speak) == 0)
    #expect(try ports.index(of: nil, for: .compose) == 2)
    #expect(try ports.index(of: "speech_2", for: .speak) == 1)
    #expect(throws: (any Error).self) { try ports.index(of: "music_1", for: .speak) }
  }
}
