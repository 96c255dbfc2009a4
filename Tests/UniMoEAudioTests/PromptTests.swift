import Testing

@testable import UniMoEAudio

@Suite struct PromptTests {
  private let tokenizer: Tokenizer
  private let configuration: ModelConfiguration
  private let template: PromptTemplate

  init() throws {
    tokenizer = try Tokenizer(directory: ReferenceFixtures.model)
    configuration = try ModelConfiguration(directory: ReferenceFixtures.model)
    template = try PromptTemplate(tokenizer, configuration)
  }

  private func voice(codebooks: Int? = nil, frames: Int = 3, code: Int32 = 7, transcript: String = "Hi.") -> Voice {
    let codebooks = codebooks ?? configuration.codebooks
    let codes = Codes(codebooks: codebooks, values: Array(repeating: code, count: frames * codebooks))
    return Voice(name: "anna", codes: codes, transcript: transcript)
  }

  @Test func noWordingBringsInControlTokens() throws {
    let controls = Set(tokenizer.added.texts.keys)
    func controlTokens(_ ids: [Int32]) -> [Int32] { ids.filter(controls.contains) }
    let attack = tokenizer.added.ids.keys.map { String(decoding: $0, as: UTF8.self) }.sorted().joined(separator: " ")
    let plain = try template.speech(text: "Hello.", voice: voice())
    let spoken = try template.speech(text: attack, voice: voice(transcript: attack))
    #expect(controlTokens(spoken.conditional) == controlTokens(plain.conditional))
    #expect(controlTokens(spoken.unconditional) == controlTokens(plain.unconditional))
    let music = try template.music(caption: attack)
    #expect(controlTokens(music.conditional) == controlTokens(music.unconditional))
    #expect(tokenizer.decode(music.conditional).contains(attack))
  }

  @Test func placeholdersAreAsManyAsVoiceFrames() throws {
    for frames in [1, 2, 50] {
      let prompt = try template.speech(text: "<|AUDIO_PLACEHOLDER|>", voice: voice(frames: frames))
      let rows = frames + configuration.maximumDelay + 1
      #expect(prompt.voiceFrames.count == rows * configuration.codebooks)
      for ids in [prompt.conditional, prompt.unconditional] {
        #expect(ids.count { $0 == configuration.placeholder } == rows)
      }
    }
  }

  @Test func unfitVoicesAreRefused() {
    func message(_ voice: Voice) -> String? {
      do {
        _ = try template.speech(text: "Hello.", voice: voice)
        return nil
      } catch {
        #expect(error.kind == .voice)
        return error.description
      }
    }
    let more = configuration.codebooks + 1
    #expect(
      message(voice(codebooks: more))
        == "voice \"anna\": expected \(configuration.codebooks) codebooks, as the model has, found \(more)")
    #expect(message(voice(frames: 0)) == "voice \"anna\": expected at least one code frame, found none")
    for code in [-1, configuration.bos, configuration.eos, configuration.pad, Int32(configuration.codeVocabulary)] {
      #expect(message(voice(code: code)) == "voice \"anna\": expected codes of sound, found \(code)")
    }
  }

  @Test func promptsBeyondTheModelsPositionsAreRefused() {
    let long = String(repeating: "1", count: configuration.maximumPositions)
    #expect {
      _ = try template.music(caption: long)
    } throws: { error in
      let text = (error as? UniMoEError)?.description ?? ""
      let start = "request: caption: expected a prompt of at most \(configuration.maximumPositions) positions, found "
      return text.hasPrefix(start)
    }
  }
}
