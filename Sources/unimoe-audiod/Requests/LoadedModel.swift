import ControlProtocol
import LiveStream
import UniMoEAudio

/// The engine with the voices that it can speak in.
struct LoadedModel: SoundModel {
  let engine: Engine
  private let store: VoiceStore

  init(engine: Engine) {
    self.engine = engine
    store = VoiceStore(modelDirectory: engine.modelDirectory)
  }

  /// Loads the model of a directory.
  static func load(_ directory: String, options: Engine.Options) throws(UniMoEError) -> any SoundModel {
    LoadedModel(engine: try Engine(modelDirectory: directory, options: options))
  }

  func request(_ command: ControlCommand, options: RequestOptions) throws(ControlFailure) -> Request {
    var request: Request
    switch command {
    case .speak(let speak):
      request = self.request(.speech(text: try words(of: speak), voice: try voice(speak.voice)), options)
      request.speaksCharacters = speak.characters
    case .compose(let compose): request = self.request(.music(caption: compose.caption), options)
    default: throw ControlFailure(.failed, "\(command.name.rawValue): makes no sound")
    }
    do throws(UniMoEError) {
      _ = try engine.plan(request)
    } catch {
      throw ControlFailure(.requestRefused, error.description)
    }
    return request
  }

  /// What is said of a text.
  private func words(of speak: ControlCommand.Speak) throws(ControlFailure) -> String {
    if speak.isVerbatim || speak.characters { return speak.text }
    do throws(UniMoEError) {
      return try engine.spoken(speak.text)
    } catch {
      throw ControlFailure(.requestRefused, error.description)
    }
  }

  func start(
    _ request: Request, options: LiveStream.Options, schedule: StreamSchedule
  ) throws(ControlFailure) -> LiveStream {
    do throws(UniMoEError) {
      return try LiveStream(engine, request, options: options, schedule: schedule)
    } catch {
      throw ControlFailure(.requestRefused, error.description)
    }
  }

  func voices() throws(ControlFailure) -> [VoiceInfo] {
    store.list().map { entry in
      switch entry.voice {
      case .success(let voice):
        VoiceInfo(
          name: entry.name, isModels: entry.isModels, transcript: String(voice.transcript.prefix(200)), problem: nil)
      case .failure(let error):
        VoiceInfo(name: entry.name, isModels: entry.isModels, transcript: nil, problem: error.description)
      }
    }
  }

  private func voice(_ name: String?) throws(ControlFailure) -> Voice {
    do throws(UniMoEError) {
      let name = if let name { name } else { try store.defaultName() }
      return try store.load(name, codebooks: engine.codec.codebooks, codebookSize: engine.codec.codebookSize)
    } catch {
      throw ControlFailure(.noSuchVoice, error.description)
    }
  }

  private func request(_ content: Request.Content, _ options: RequestOptions) -> Request {
    var sampling = engine.defaultSampling(for: content)
    if let guidance = options.guidance { sampling.guidanceScale = Float(guidance) }
    if let temperature = options.temperature { sampling.temperature = Float(temperature) }
    if let topK = options.topK { sampling.topK = topK == 0 ? nil : topK }
    if let topP = options.topP { sampling.topP = Float(topP) }
    if let endFactor = options.endFactor { sampling.endFactor = Float(endFactor) }
    if options.isGreedy { sampling.isRandom = false }
    return Request(
      content, seed: options.seed, sampling: sampling, minimumSeconds: options.minimumSeconds,
      maximumSeconds: options.maximumSeconds)
  }
}
