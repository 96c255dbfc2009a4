import Foundation
import Testing

@testable import UniMoEAudio

@Suite struct ModelLocatorTests {
  let environment = ["XDG_DATA_HOME": "/data", "HOME": "/home/anna"]

  @Test func argumentIsTheOnlyPlace() {
    let locator = ModelLocator(
      explicit: "here", environment: environment.merging(["UNIMOE_AUDIO_MODEL": "/there"]) { $1 },
      executable: "/usr/bin/x")
    #expect(locator.candidates.map(\.path) == ["here"])
  }

  @Test func variableIsTheOnlyPlaceWithoutArgument() {
    let locator = ModelLocator(environment: ["UNIMOE_AUDIO_MODEL": "/there", "HOME": "/h"], executable: "/usr/bin/x")
    #expect(locator.candidates.map(\.path) == ["/there"])
  }

  @Test func userThenInstalledThenSourceTree() {
    let locator = ModelLocator(environment: environment, executable: "/src/tree/.build/x86_64/release/unimoe-audio")
    #expect(
      locator.candidates.map(\.path) == [
        "/data/unimoe-audio/models/default",
        "/src/tree/.build/x86_64/share/unimoe-audio/models/default",
        "/src/tree/models/default",
      ])
  }

  @Test func installedProgramKnowsNoSourceTree() {
    let locator = ModelLocator(environment: ["HOME": "/home/anna"], executable: "/usr/local/bin/unimoe-audio")
    #expect(
      locator.candidates.map(\.path) == [
        "/home/anna/.local/share/unimoe-audio/models/default", "/usr/local/share/unimoe-audio/models/default",
      ])
  }

  @Test func emptyVariablesAndRelativeDataHomeCountAsAbsent() {
    let locator = ModelLocator(
      environment: ["UNIMOE_AUDIO_MODEL": "", "XDG_DATA_HOME": "relative", "HOME": "/h"], executable: nil)
    #expect(locator.candidates.map(\.path) == ["/h/.local/share/unimoe-audio/models/default"])
  }

  @Test func firstPlaceWithAConfigurationWins() throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("locator-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let installed = root.appendingPathComponent("share/unimoe-audio/models/default")
    try FileManager.default.createDirectory(at: installed, withIntermediateDirectories: true)
    try Data("{}".utf8).write(to: installed.appendingPathComponent("config.json"))
    let locator = ModelLocator(environment: ["HOME": "/nonexistent"], executable: root.path + "/bin/unimoe-audio")
    #expect(try locator.locate() == installed.path)
  }

  @Test func errorListsEveryPlace() {
    let locator = ModelLocator(environment: ["HOME": "/nonexistent/h"], executable: "/nonexistent/bin/unimoe-audio")
    #expect(
      throws: UniMoEError(
        .unknownModel, "model",
        "none found; looked at /nonexistent/h/.local/share/unimoe-audio/models/default (the user's), "
          + "/nonexistent/share/unimoe-audio/models/default (installed); "
          + "name a model directory with --model or UNIMOE_AUDIO_MODEL")
    ) { try locator.locate() }
  }

  @Test func errorForAnArgumentSaysWhatIsThere() {
    #expect(
      throws: UniMoEError(
        .unknownModel, "/dev/null", field: "--model", expected: "a model directory with a config.json", found: "a file")
    ) { try ModelLocator(explicit: "/dev/null", environment: [:], executable: nil).locate() }
  }
}
