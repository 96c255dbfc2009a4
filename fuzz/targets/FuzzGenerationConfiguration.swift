extension FuzzTarget {
  /// A `generation_config.json`.
  static let generationConfiguration = FuzzTarget(
    name: "generation-config"
  ) { bytes throws(UniMoEError) in
    let defaults = try GenerationDefaults(json: bytes, path: "generation_config.json")
    // What the file may say is what a request may say.
    for sampling in [defaults.speech.sampling, defaults.music.sampling] {
      do { try sampling.validate() } catch { fatalError("\(error)") }
    }
  }
}
