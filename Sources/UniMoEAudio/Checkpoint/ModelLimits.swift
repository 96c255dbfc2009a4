/// What a model says about the texts and voices that it can take: beyond, it makes sound, but loses words.
public struct ModelLimits: Equatable, Sendable {
  /// Characters of the longest text that it speaks well in one go; `nil` if it does not say.
  public var textCharacters: Int?
  /// Seconds of the longest voice recording that it follows; `nil` if it does not say.
  public var voiceSeconds: Double?
  /// Seconds of the longest music that it keeps in shape; `nil` if it does not say.
  public var musicSeconds: Double?

  /// Creates limits; what is not given is unknown.
  public init(textCharacters: Int? = nil, voiceSeconds: Double? = nil, musicSeconds: Double? = nil) {
    self.textCharacters = textCharacters
    self.voiceSeconds = voiceSeconds
    self.musicSeconds = musicSeconds
  }

  /// Reads a model directory's without opening the model: `unimoe_audio.speech.max_text_characters` and
  /// `max_voice_seconds`, `unimoe_audio.music.max_music_seconds` in `generation_config.json`. Throws kind `model` if that file is broken.
  public init(modelDirectory: String) throws(UniMoEError) {
    self = try GenerationDefaults(directory: modelDirectory).limits
  }
}
