/// How a checkpoint wants to be used: sampling and lengths for speech and for music.
struct GenerationDefaults: Equatable, Sendable {
  /// The defaults of one kind of request.
  struct Usage: Equatable, Sendable {
    /// How codes are drawn.
    var sampling: Sampling
    /// Code frames before the end may come; `nil` allows it at once.
    var minimumTokens: Int?
    /// Decoder steps at the most, the delay included: the reference's `max_tokens`.
    var maximumTokens: Int
  }

  /// Defaults of speech.
  var speech: Usage
  /// Defaults of music.
  var music: Usage
  /// Texts and voices that the model can take.
  var limits = ModelLimits()
  /// How long a model with a plan stays in the sounds of a text.
  var walk = WalkSettings()

  /// The reference application's defaults (reference semantics, section c).
  static let reference = GenerationDefaults(
    speech: Usage(sampling: Sampling(guidanceScale: 1, endFactor: 1), minimumTokens: 100, maximumTokens: 1000),
    music: Usage(sampling: Sampling(guidanceScale: 10, endFactor: 0.6), minimumTokens: 100, maximumTokens: 1000))
}

extension GenerationDefaults {
  /// Reads the `unimoe_audio` object of `generation_config.json`; what is absent stays as in `reference`.
  init(directory: String) throws(UniMoEError) {
    let path = "\(directory)/generation_config.json"
    if !fileExists(path) {
      self = .reference
      return
    }
    try self.init(JSONText.decode(GenerationFile.self, from: path), path: path)
  }

  /// Reads a `generation_config.json` that lies in memory.
  init(json bytes: UnsafeRawBufferPointer, path: String) throws(UniMoEError) {
    try self.init(JSONText(bytes, path: path).decode(GenerationFile.self), path: path)
  }

  private init(_ file: GenerationFile, path: String) throws(UniMoEError) {
    self = .reference
    let check = RangeCheck(path: path)
    if let task = file.unimoe_audio?.speech {
      try speech.update(task, check, "unimoe_audio.speech.")
      try limits.update(task, check, "unimoe_audio.speech.")
      if let file = task.walk { try walk.update(file, check, "unimoe_audio.speech.walk.") }
    }
    if let task = file.unimoe_audio?.music {
      try music.update(task, check, "unimoe_audio.music.")
      limits.musicSeconds = try task.max_music_seconds.map { (seconds) throws(UniMoEError) in
        try check.number(seconds, in: 0...3600, "unimoe_audio.music.max_music_seconds")
      }
    }
  }
}

extension GenerationDefaults.Usage {
  fileprivate mutating func update(
    _ file: GenerationFile.Task, _ check: RangeCheck, _ prefix: String
  ) throws(UniMoEError) {
    if let value = file.cfg_scale {
      sampling.guidanceScale = Float(try check.number(value, in: 0...1000, prefix + "cfg_scale"))
    }
    if let value = file.temperature {
      sampling.temperature = Float(try check.number(value, in: 0...1000, prefix + "temperature"))
    }
    if let value = file.top_p { sampling.topP = Float(try check.number(value, in: 0...1, prefix + "top_p")) }
    if let value = file.cfg_filter_top_k {
      sampling.topK = try value.value.map { (k) throws(UniMoEError) in
        try check.integer(k, in: 1...1_048_576, prefix + "cfg_filter_top_k")
      }
    }
    if let value = file.eos_prob_mul_factor {
      sampling.endFactor = Float(try check.number(value, in: 0...1000, prefix + "eos_prob_mul_factor"))
    }
    if let value = file.do_sample { sampling.isRandom = value }
    if let value = file.max_tokens {
      maximumTokens = try check.integer(value, in: 1...16_777_216, prefix + "max_tokens")
    }
    if let value = file.min_tokens {
      minimumTokens = try value.value.map { (count) throws(UniMoEError) in
        try check.integer(count, in: 0...16_777_216, prefix + "min_tokens")
      }
    }
  }
}

extension ModelLimits {
  fileprivate mutating func update(
    _ file: GenerationFile.Task, _ check: RangeCheck, _ prefix: String
  ) throws(UniMoEError) {
    if let value = file.max_text_characters {
      textCharacters = try check.integer(value, in: 1...1_048_576, prefix + "max_text_characters")
    }
    if let value = file.max_voice_seconds {
      voiceSeconds = try check.number(value, in: 0...3600, prefix + "max_voice_seconds")
    }
  }
}

extension WalkSettings {
  fileprivate mutating func update(
    _ file: GenerationFile.Walk, _ check: RangeCheck, _ prefix: String
  ) throws(UniMoEError) {
    if let value = file.centre { centre = try check.number(value, in: 0.001...0.999, prefix + "centre") }
    if let value = file.spread { spread = try check.number(value, in: 0...1, prefix + "spread") }
    if let value = file.renorm { isRenormalised = value }
    if let value = file.speed { speed = try check.number(value, in: Self.speedRange, prefix + "speed") }
    if let value = file.temperature {
      temperature = try check.number(value, in: 0.001...1000, prefix + "temperature")
    }
    if let value = file.longest { longestPhoneme = try check.integer(value, in: 1...100_000, prefix + "longest") }
    if let value = file.longest_pause {
      longestPause = try check.integer(value, in: 1...100_000, prefix + "longest_pause")
    }
  }
}

/// `generation_config.json` as it is written.
private struct GenerationFile: Decodable {
  struct Task: Decodable {
    let cfg_scale: Double?
    let temperature: Double?
    let top_p: Double?
    let cfg_filter_top_k: Nullable?
    let eos_prob_mul_factor: Double?
    let do_sample: Bool?
    let min_tokens: Nullable?
    let max_tokens: JSONInteger?
    let max_text_characters: JSONInteger?
    let max_voice_seconds: Double?
    let max_music_seconds: Double?
    let walk: Walk?

    enum CodingKeys: String, CodingKey {
      case cfg_scale, temperature, top_p, cfg_filter_top_k, eos_prob_mul_factor, do_sample, min_tokens, max_tokens
      case max_text_characters, max_voice_seconds, max_music_seconds, walk
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      func nullable(_ key: CodingKeys) throws -> Nullable? {
        container.contains(key) ? Nullable(value: try container.decodeIfPresent(JSONInteger.self, forKey: key)) : nil
      }
      cfg_scale = try container.decodeIfPresent(Double.self, forKey: .cfg_scale)
      temperature = try container.decodeIfPresent(Double.self, forKey: .temperature)
      top_p = try container.decodeIfPresent(Double.self, forKey: .top_p)
      cfg_filter_top_k = try nullable(.cfg_filter_top_k)
      eos_prob_mul_factor = try container.decodeIfPresent(Double.self, forKey: .eos_prob_mul_factor)
      do_sample = try container.decodeIfPresent(Bool.self, forKey: .do_sample)
      min_tokens = try nullable(.min_tokens)
      max_tokens = try container.decodeIfPresent(JSONInteger.self, forKey: .max_tokens)
      max_text_characters = try container.decodeIfPresent(JSONInteger.self, forKey: .max_text_characters)
      max_voice_seconds = try container.decodeIfPresent(Double.self, forKey: .max_voice_seconds)
      walk = try container.decodeIfPresent(Walk.self, forKey: .walk)
      max_music_seconds = try container.decodeIfPresent(Double.self, forKey: .max_music_seconds)
    }
  }

  /// How long the sounds of a text last.
  struct Walk: Decodable {
    let centre: Double?
    let spread: Double?
    let renorm: Bool?
    let speed: Double?
    let temperature: Double?
    let longest: JSONInteger?
    let longest_pause: JSONInteger?
  }

  /// A value that is there; null switches a rule off, while an absent key leaves the default.
  struct Nullable { let value: JSONInteger? }

  struct Tasks: Decodable {
    let speech: Task?
    let music: Task?
  }

  let unimoe_audio: Tasks?
}
