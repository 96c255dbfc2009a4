import CUniMoEAudio
import UniMoEAudio

extension unimoe_request {
  /// What `UNIMOE_REQUEST_INIT` had before the fields that mean something else without a header that has them.
  static var initial: unimoe_request {
    unimoe_request(
      struct_size: UInt32(MemoryLayout<unimoe_request>.stride), task: UNIMOE_TASK_SPEECH, text: nil, voice: nil,
      seed: 0,
      sample_rate: 0, sampling: -1, guidance: -1, temperature: -1, top_k: -1, top_p: -1, shortest: -1, longest: -1,
      buffer: 0, start_after: -1, audio: nil, progress: nil, end: nil, user: nil, characters: 0,
      verbatim: 0, speed: -1, spread: -1, notes: nil, notes_size: 0, own_notes: 0, reserved: 0, long_text: 0,
      reserved_2: 0)
  }
}

/// The engine's request for what the host asked.
func makeRequest(_ given: unimoe_request, _ handle: EngineHandle) throws(UniMoEError) -> Request {
  let words = try text(given.text, "request.text")
  let content: Request.Content
  switch given.task {
  case UNIMOE_TASK_SPEECH:
    let voice =
      try given.voice == nil
      ? handle.load(handle.voices.defaultName()) : VoiceHandle.from(given.voice).voice
    for (name, value) in [("verbatim", given.verbatim), ("characters", given.characters)] where !(0...1).contains(value)
    {
      throw argumentError("request.\(name)", expected: "0 or 1", found: "\(value)")
    }
    content = .speech(text: words, voice: voice)
  case UNIMOE_TASK_MUSIC: content = .music(caption: words)
  default:
    throw argumentError("request.task", expected: "UNIMOE_TASK_SPEECH or UNIMOE_TASK_MUSIC", found: "\(given.task)")
  }
  // Negative numbers, and numbers that are none, leave what the model has.
  let changes = SamplingChanges(
    guidanceScale: given.guidance >= 0 ? given.guidance : nil,
    isRandom: given.sampling >= 0 ? given.sampling != 0 : nil,
    temperature: given.temperature >= 0 ? given.temperature : nil, topK: given.top_k >= 0 ? Int(given.top_k) : nil,
    topP: given.top_p >= 0 ? given.top_p : nil)
  var request = Request(
    content, seed: given.seed, sampling: changes.applied(to: handle.engine.defaultSampling(for: content)),
    minimumSeconds: given.shortest >= 0 ? given.shortest : nil,
    maximumSeconds: given.longest >= 0 ? given.longest : nil)
  request.speaksCharacters = given.characters == 1
  request.reading = given.verbatim == 1 ? .verbatim : .english
  if given.speed >= 0 || given.spread >= 0 {
    var walk = handle.engine.model.walk
    if given.speed >= 0 { walk.speed = given.speed }
    if given.spread >= 0 { walk.spread = given.spread }
    request.walk = walk
  }
  request.plan = try notes(given)
  return request
}

/// The notes of music that a host gives; nil leaves them to the composer.
private func notes(_ given: unimoe_request) throws(UniMoEError) -> Request.Plan? {
  guard (0...1).contains(given.own_notes) else {
    throw argumentError("request.own_notes", expected: "0 or 1", found: "\(given.own_notes)")
  }
  guard let notes = given.notes else {
    guard given.notes_size == 0 else {
      throw argumentError("request.notes", expected: "\(given.notes_size) bytes", found: "null")
    }
    return given.own_notes == 1 ? .free : nil
  }
  guard given.own_notes == 0 else {
    throw argumentError("request.own_notes", expected: "0 beside notes", found: "1")
  }
  return .score(
    try Score(bytes: UnsafeRawBufferPointer(start: notes, count: given.notes_size), name: "request.notes"))
}
