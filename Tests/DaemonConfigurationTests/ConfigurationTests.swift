import Foundation
import Testing

@testable import DaemonConfiguration

@Suite struct ConfigurationTests {
  /// Folders with these files, gone afterwards.
  private func with(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("configuration-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      let file = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    try body(folder.path)
  }

  @Test func laterSourcesWin() throws {
    let names = [
      "share/unimoe-audiod.toml", "etc/unimoe-audiod.toml", "user/unimoe-audiod.toml",
      "share/unimoe-audiod.d/10.toml", "etc/unimoe-audiod.d/10.toml", "etc/unimoe-audiod.d/20.toml",
    ]
    for count in 0...names.count {
      let files = names[..<count].enumerated().map { ($1, "[queue]\nlength = \($0 + 1)\n") }
      try with(Dictionary(uniqueKeysWithValues: files)) { (root) throws in
        let folders = ["share", "etc", "user"].map { "\(root)/\($0)" }
        var sources = ConfigurationSources(folders: folders)
        #expect(try sources.load().integer(.queueLength) == (count == 0 ? 64 : count))
        let origin = count == 0 ? "built-in" : "\(root)/\(names[count - 1]):2"
        #expect(try sources.load()[.queueLength].origin == origin)
        sources.environment = ["UNIMOE_AUDIOD_QUEUE_LENGTH": "100", "OTHER": "x"]
        #expect(try sources.load()[.queueLength] == .init(value: .integer(100), origin: "UNIMOE_AUDIOD_QUEUE_LENGTH"))
        sources.options = [("queue.length", "200", "--set queue.length")]
        #expect(try sources.load()[.queueLength] == .init(value: .integer(200), origin: "--set queue.length"))
      }
    }
  }

  @Test func namedFileIsReadInsteadOfTheFolders() throws {
    try with(["etc/unimoe-audiod.toml": "[queue]\nlength = 5\n", "own.toml": "[log]\nlevel = \"debug\"\n"]) {
      (root) throws in
      let sources = ConfigurationSources(folders: ["\(root)/etc"], file: "\(root)/own.toml")
      #expect(try sources.load().integer(.queueLength) == 64)
      #expect(try sources.load().text(.logLevel) == "debug")
      #expect(throws: ConfigurationError("\(root)/none.toml", "there is no such file")) {
        try ConfigurationSources(folders: [], file: "\(root)/none.toml").load()
      }
    }
  }

  @Test(arguments: [
    ("[queue]\nlength = \"x\"", ":2: queue.length: expected a whole number from 1 to 4096, found the text \"x\""),
    ("[queue]\nlength = 0", ":2: queue.length: expected a whole number from 1 to 4096, found the number 0"),
    ("[jack]\n\nlenght = 0", ":3: jack.lenght: unknown setting; known: jack.enabled, jack.client-name"),
    ("length = 1", ":1: length: unknown setting; known: queue.length"),
    ("[jack]\nenabled = 1", ":2: jack.enabled: expected true or false, found the number 1"),
    ("[jack]\nconnections = [1]", ":2: jack.connections: expected a list of texts, found a list of 1"),
    ("[jack]\nspeech-gain = nan", ":2: jack.speech-gain: expected a number from 0.0 to 4.0"),
    ("[log]\nlevel = \"loud\"", ":2: log.level: expected \"error\", \"warning\", \"info\", \"debug\", found"),
    ("[control]\nsocket = \"a\\u0000b\"", ":2: control.socket: expected a text without zero bytes"),
  ])
  func wrongSettingIsAnErrorWithFileLineAndKey(text: String, ending: String) throws {
    try with(["f.toml": text]) { (root) throws in
      #expect { try ConfigurationSources(folders: [], file: "\(root)/f.toml").load() } throws: { error in
        "\(error)".hasPrefix("\(root)/f.toml\(ending)")
      }
    }
  }

  @Test func wrongVariablesAndOptionsAreErrors() {
    #expect(throws: ConfigurationError.self) {
      try ConfigurationSources(folders: [], environment: ["UNIMOE_AUDIOD_TYPO": "1"]).load()
    }
    #expect(throws: ConfigurationError.self) {
      try ConfigurationSources(folders: [], environment: ["UNIMOE_AUDIOD_JACK_ENABLED": "1"]).load()
    }
    #expect(throws: ConfigurationError.self) {
      try ConfigurationSources(folders: [], options: [("queue.typo", "1", "--set")]).load()
    }
  }

  @Test func printedConfigurationGivesItselfAgain() throws {
    var configuration = Configuration()
    try configuration.set(.jackConnections, toText: "speech_1=a:b,music_1=\"c\"", origin: "option")
    try configuration.set(.jackClientName, toText: "näme\n\u{1}", origin: "option")
    var again = Configuration()
    try again.merge(TOMLFile(Array(configuration.text.utf8), file: "f"), name: "f")
    #expect(again.differences(from: configuration).isEmpty)
    for key in SettingKey.allCases { #expect(configuration.text.contains("# \(key.summary)")) }
  }

  @Test func reloadKeepsWhatCannotChange() throws {
    let old = Configuration()
    var new = old
    try new.set(.jackClientName, toText: "other", origin: "x")
    try new.set(.queueLength, toText: "9", origin: "x")
    #expect(Set(new.differences(from: old)) == [.jackClientName, .queueLength])
    #expect(new.keepingConstants(of: old).differences(from: old) == [.queueLength])
  }

  @Test func builtInValuesAreInTheirRanges() throws {
    for key in SettingKey.allCases {
      var configuration = Configuration()
      try configuration.set(key, to: key.builtIn, origin: "built-in")
    }
  }

  @Test func usualFoldersFollowInstallationAndUser() {
    #expect(
      ConfigurationSources.usualFolders(executable: "/usr/local/bin/unimoe-audiod", environment: ["HOME": "/home/a"])
        == ["/usr/local/share/unimoe-audio", "/etc/unimoe-audio", "/home/a/.config/unimoe-audio"])
    #expect(
      ConfigurationSources.usualFolders(
        executable: nil, environment: ["HOME": "/home/a", "XDG_CONFIG_HOME": "/c"])
        == ["/usr/share/unimoe-audio", "/etc/unimoe-audio", "/c/unimoe-audio"])
  }
}
