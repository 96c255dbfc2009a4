import Foundation
import TestSupport
import Testing

@testable import UniMoEAudio

@Suite struct VoiceStoreTests {
  private let folder: ScratchFolder
  private let store: VoiceStore
  private var directory: String { folder("user/data/voices") }

  init() throws {
    folder = try ScratchFolder()
    store = VoiceStore(modelDirectory: folder("model"), directory: folder("user/data/voices"))
  }

  private func voice(_ name: String, codebooks: Int = 3, values: [Int32] = [0, 1, 2, 3, 4, 1023]) -> Voice {
    Voice(name: name, codes: Codes(codebooks: codebooks, values: values), transcript: "Grüß \"Gott\"\n✓")
  }

  private func addToModel(_ voice: Voice) throws {
    try VoiceStore(directory: folder("model/voices")).add(voice)
  }

  @Test func storedVoiceComesBack() throws {
    #expect(store.list().isEmpty)
    try store.add(voice("anna"))
    #expect(try store.load("anna", codebooks: 3, codebookSize: 1024) == voice("anna"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["anna.safetensors"])
    let file = try TensorStore(safetensors: directory + "/anna.safetensors")
    #expect(file.metadata["format"] == "unimoe-audio-voice" && file.metadata["version"] == "1")
  }

  @Test func voiceIsOnlyReplacedWhenAsked() throws {
    try store.add(voice("anna"))
    #expect(
      errorText { try store.add(voice("anna")) }
        == "anna: there is a voice of this name already; remove it first or replace it")
    let other = voice("anna", values: [7, 7, 7])
    try store.add(other, replacing: true)
    #expect(try store.load("anna", codebooks: 3, codebookSize: 1024) == other)
  }

  @Test func atomicFileNeverReplacesUnasked() throws {
    let path = folder("file")
    let file = try AtomicFile(path: path)
    try Data("first".utf8).write(to: URL(fileURLWithPath: path))
    #expect(errorText { try file.commit(replacing: false) } == "\(path): cannot be put in place: File exists")
    #expect(folder.names == ["file"])
  }

  @Test func modelsVoicesAreListedHiddenAndKept() throws {
    try addToModel(voice("anna"))
    try addToModel(voice("bert"))
    try store.add(voice("anna", values: [9, 9, 9]))
    let entries = store.list()
    #expect(entries.map(\.name) == ["anna", "bert"] && entries.map(\.isModels) == [false, true])
    #expect(try store.load("anna", codebooks: 3, codebookSize: 1024).codes.values == [9, 9, 9])
    try store.remove("anna")
    #expect(try store.load("anna", codebooks: 3, codebookSize: 1024) == voice("anna"))
    #expect(errorText { try store.remove("anna") } == "anna: came with the model and cannot be removed")
  }

  @Test func unknownVoiceNamesTheKnownOnes() throws {
    #expect(
      errorText { _ = try store.load("eve", codebooks: 3, codebookSize: 4) }
        == "eve: no voice of this name; there is none yet")
    try store.add(voice("anna"))
    try store.add(voice("bert"))
    #expect(errorText { try store.remove("eve") } == "eve: no voice of this name; known are anna, bert")
  }

  @Test(arguments: ["", ".hidden", "..", "a/b", "a b", "ä", "a\u{0}", String(repeating: "a", count: 65)])
  func malformedNameIsRefused(_ name: String) {
    let text = "voice name: expected 1 to 64 letters, digits, -, _ and ., no dot first, found \(quoted(name))"
    #expect(errorText { try store.add(voice(name)) } == text)
    #expect(errorText { try store.remove(name) } == text)
    #expect(errorText { _ = try store.load(name, codebooks: 3, codebookSize: 4) } == text)
    #expect(folder.names.isEmpty)
  }

  @Test(arguments: ["A-z_0.9", String(repeating: "a", count: 64)])
  func plainNameIsTaken(_ name: String) throws {
    try store.add(voice(name))
    #expect(store.list().map(\.name) == [name])
  }

  @Test func voiceOfAnotherModelIsRefused() throws {
    try store.add(voice("anna"))
    let path = directory + "/anna.safetensors"
    #expect(
      errorText { _ = try store.load("anna", codebooks: 12, codebookSize: 1024) }
        == "\(path): codes: expected 12 codebooks, as the model has, found 3")
    #expect(
      errorText { _ = try store.load("anna", codebooks: 3, codebookSize: 1000) }
        == "\(path): codes[1][2]: expected 0 to 999, found 1023")
    try store.add(voice("anna", values: [0, -1, 0]), replacing: true)
    #expect(
      errorText { _ = try store.load("anna", codebooks: 3, codebookSize: 1000) }
        == "\(path): codes[0][1]: expected 0 to 999, found -1")
  }

  /// What goes wrong is told by its kind, whatever the names in it say.
  @Test(arguments: ["anna", "argument", "system"]) func errorsTellTheirKind(_ name: String) throws {
    func kind(_ body: () throws(UniMoEError) -> Void) -> UniMoEError.Kind? {
      do throws(UniMoEError) { try body() } catch { return error.kind }
      return nil
    }
    func load() throws(UniMoEError) { _ = try store.load(name, codebooks: 3, codebookSize: 1024) }
    #expect(kind { () throws(UniMoEError) in _ = try store.defaultName() } == .unknownVoice)
    #expect(kind(load) == .unknownVoice)
    #expect(kind { () throws(UniMoEError) in try store.remove(name) } == .unknownVoice)
    #expect(kind { () throws(UniMoEError) in try store.remove("../\(name)") } == .voiceName)
    try store.add(voice(name))
    #expect(kind { () throws(UniMoEError) in try store.add(voice(name)) } == .voiceName)
    try Data("junk".utf8).write(to: URL(fileURLWithPath: folder("user/data/voices/\(name).safetensors")))
    #expect(kind(load) == .voice)
    try store.remove(name)
    try addToModel(voice(name))
    #expect(kind { () throws(UniMoEError) in try store.remove(name) } == .voiceName)
  }

  @Test func emptyVoiceIsNotStored() {
    #expect(
      errorText { try store.add(voice("anna", values: [])) }
        == "anna: codes: expected at least one code frame, found none")
    let silent = Voice(name: "anna", codes: Codes(codebooks: 1, values: [1]), transcript: " \n")
    #expect(
      errorText { try store.add(silent) } == "anna: transcript: expected what is said in the recording, found nothing")
  }

  @Test func brokenFilesAreListedWithTheReason() throws {
    let path = directory + "/anna.safetensors"
    try store.add(voice("anna"))
    func reason(_ write: () throws -> Void) throws -> String? {
      try write()
      guard case .failure(let error) = store.list().first?.voice else { return nil }
      #expect(error.kind == .voice)
      return "\(error)"
    }
    func file(
      _ metadata: [String: String], _ type: ElementType = .i32, _ shape: [Int] = [1, 2]
    ) throws {
      let writer = try SafetensorsWriter(
        path: path, entries: [.init(name: "codes", elementType: type, shape: shape)], metadata: metadata)
      try [UInt8](repeating: 0, count: shape.reduce(type.size, *)).withUnsafeBytes { try writer.append($0) }
      try writer.finish()
    }
    let good = ["format": VoiceFile.format, "version": "1", "transcript": "a"]
    #expect(try reason { try Data("junk".utf8).write(to: URL(fileURLWithPath: path)) }?.hasPrefix(path) == true)
    #expect(try reason { try file([:]) } == "\(path): format: expected \"unimoe-audio-voice\", found none")
    #expect(
      try reason { try file(good.merging(["version": "3"]) { $1 }) }
        == "\(path): version: expected at most 2, found \"3\"")
    #expect(
      try reason { try file(good.merging(["transcript": ""]) { $1 }) }
        == "\(path): transcript: expected what is said in the recording, found nothing")
    #expect(
      try reason { try file(good, .f32) }
        == "\(path): codes: expected I32 [code frames, codebooks], found F32 [1, 2]")
    #expect(
      try reason { try file(good, .i32, [2]) } == "\(path): codes: expected I32 [code frames, codebooks], found I32 [2]"
    )
    #expect(try reason { try file(good) } == nil)
  }

  /// Also where the user's folder is a file, cannot be read, or lies in a home directory that is none.
  @Test(arguments: ["user", "user/data", "user/data/voices"])
  func usersFolderThatIsAFileHidesNoVoiceOfTheModel(_ file: String) throws {
    try addToModel(voice("default"))
    let parent = URL(fileURLWithPath: folder(file)).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: folder(file)))
    #expect(store.locations().map(\.name) == ["default"] && store.problem == nil)
    #expect(try store.defaultName() == "default")
    #expect(try store.load("default", codebooks: 3, codebookSize: 1024) == voice("default"))
  }

  @Test func withoutHomeDirectoryThereAreTheModelsVoicesAndNoneIsStored() throws {
    try addToModel(voice("anna"))
    // Whoever has no home directory has none in the user data base either.
    let homeless = VoiceStore(modelDirectory: folder("model"), userDirectory: nil)
    #expect(homeless.list().map(\.name) == ["anna"])
    #expect(
      errorText { try homeless.add(voice("bert")) }
        == "voices: expected a home directory or XDG_DATA_HOME to keep voices under, found neither")
  }

  @Test func defaultIsTheUsersOwnOfThatNameElseTheModels() throws {
    try addToModel(voice("anna"))
    try addToModel(voice("default"))
    try addToModel(voice("zoe"))
    #expect(try store.defaultName() == "default")
    try store.add(voice("default", values: [5, 5, 5]))
    let name = try store.defaultName()
    #expect(name == "default")
    #expect(try store.load(name, codebooks: 3, codebookSize: 1024).codes.values == [5, 5, 5])
  }

  /// Voices are found by their names: files that are not wanted are not opened, so that they may be as bad as they like.
  @Test func loadingOneOfManyVoicesOpensNoOther() throws {
    try addToModel(voice("default"))
    for number in 0..<50 {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: directory + "/v\(number).safetensors", withDestinationPath: "/dev/zero")
    }
    #expect(store.locations().count == 51)
    #expect(try store.load(store.defaultName(), codebooks: 3, codebookSize: 1024) == voice("default"))
    #expect(
      errorText { _ = try store.load("eve", codebooks: 3, codebookSize: 4) }?.hasSuffix(
        "v22, v23, v24, v25 and 31 more")
        == true)
  }

  @Test func folderFollowsTheEnvironment() throws {
    func directory(_ environment: [String: String]) -> String {
      VoiceStore(environment: environment).directory ?? ""
    }
    #expect(directory(["XDG_DATA_HOME": "/x", "HOME": "/h"]) == "/x/unimoe-audio/voices")
    #expect(directory(["XDG_DATA_HOME": "relative", "HOME": "/h"]) == "/h/.local/share/unimoe-audio/voices")
    // Without HOME the user data base knows.
    #expect(directory([:]).hasSuffix("/.local/share/unimoe-audio/voices"))
  }

  @Test func unwritableFolderIsNamed() throws {
    try Data().write(to: URL(fileURLWithPath: folder("file")))
    let blocked = VoiceStore(directory: folder("file/voices"))
    #expect(
      errorText { try blocked.add(voice("anna")) } == "\(folder("file/voices")): cannot be created: Not a directory")
  }
}
