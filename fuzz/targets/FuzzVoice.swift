extension FuzzTarget {
  /// A stored voice.
  static let voice = FuzzTarget(name: "voice") { bytes throws(UniMoEError) in
    let store = try TensorStore(safetensors: SharedBytes(copying: bytes), path: "voice.safetensors")
    let voice = try VoiceFile.voice(in: store, name: "voice")
    precondition(voice.codes.frameCount > 0 && !voice.transcript.isEmpty)
    try VoiceFile.check(voice.codes, codebooks: 3, codebookSize: 1024, path: "voice.safetensors")
  }
}
