import ControlProtocol
import LiveStream
import UniMoEAudio

/// The engine with the voices that it can speak in.
struct LoadedModel: SoundModel {
  let engine: Engine
  private let store: VoiceStore

  init(engine: Engine) {
    self.engine = engine
    store = VoiceStore(modelDirectory: engine.model.directory)
  }

  /// Loads the model of a directory.
  static func load(_ directory: String, options: Engine.Options) throws(UniMoEError) -> any SoundModel {
    LoadedModel(engine: try Engine(modelDirectory: directory, options: options))
  }

  func request(_ command: ControlCommand, options: RequestOptions) throws(ControlFailure) -> Request {
    var request: Request
    var isLongText = false
    switch command {
    case .speak(let speak):
      request = self.request(.speech(text: speak.text, voice: try voice(speak.voice)), options)
      request.reading = speak.isVerbatim ? .verbatim : .english
      request.speaksCharacters = speak.characters
      isLongText = speak.isLongText
      if let speed = speak.speed {
        var walk = engine.model.walk
        walk.speed = speed
        request.walk = walk
      }
      if speak.tellsWords, !engine.model.hasSpeechPlan {
        throw ControlFailure(
          .requestRefused, "words: expected a model with plan channels for speech, found one without")
      }
    case .compose(let compose): request = self.request(.music(caption: compose.caption), options)
    default: throw ControlFailure(.failed, "\(command.name.rawValue): makes no sound")
    }
    do throws(UniMoEError) {
      // What can be wrong is the same in every piece: a look at each would keep a book's reader waiting for seconds.
      _ = try engine.plan(isLongText ? try engine.pieces(of: request).first?.request ?? request : request)
    } catch {
      throw ControlFailure(error)
    }
    return request
  }

  func start(
    _ request: Request, options: LiveStream.Options, schedule: StreamSchedule
  ) throws(ControlFailure) -> LiveStream {
    do throws(UniMoEError) {
      return try LiveStream(engine, request, options: options, schedule: schedule)
    } catch {
      throw ControlFailure(error)
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
      throw ControlFailure(error)
    }
  }

  private func request(_ content: Request.Content, _ options: RequestOptions) -> Request {
    let changes = SamplingChanges(
      guidanceScale: options.guidance.map { Float($0) }, isRandom: options.isGreedy ? false : nil,
      temperature: options.temperature.map { Float($0) }, topK: options.topK, topP: options.topP.map { Float($0) },
      endFactor: options.endFactor.map { Float($0) })
    return Request(
      content, seed: options.seed, sampling: changes.applied(to: engine.defaultSampling(for: content)),
      minimumSeconds: options.minimumSeconds,
      maximumSeconds: options.maximumSeconds)
  }
}
