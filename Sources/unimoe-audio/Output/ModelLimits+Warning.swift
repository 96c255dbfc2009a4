import UniMoEAudio

extension ModelLimits {
  /// Warns on standard error where music is to be longer than the model keeps in shape.
  func warn(ofMusic seconds: Double) {
    guard let longest = musicSeconds, seconds > longest else { return }
    StandardStreams.complain(
      "unimoe-audio: \(Figure.seconds(seconds)) of music: this model keeps at most \(Figure.seconds(longest)) in shape; "
        + "what follows may fall apart\n")
  }
}
