extension FuzzTarget {
  /// A WAV, FLAC or OGG file.
  static let audio = FuzzTarget(name: "audio") { bytes throws(UniMoEError) in
    // A kilobyte of FLAC may hold minutes of silence; the limit keeps each input quick.
    let limits = AudioFile.Limits(seconds: 60, samples: 1 << 20)
    let clip = try AudioFile.read(bytes: bytes, name: "sound", limits: limits)
    precondition(!clip.samples.isEmpty && clip.samples.count <= limits.samples && clip.seconds <= limits.seconds)
    precondition(clip.samples.allSatisfy(\.isFinite) && clip.mono().count == clip.frameCount)
  }
}

/// Leaks that are not ours: libsndfile forgets some kilobytes of libvorbis's when it refuses a broken OGG file.
@_cdecl("__lsan_default_suppressions")
public func leaksOfLibraries() -> UnsafePointer<UInt8> {
  let suppressions: StaticString = "leak:libvorbis.so\nleak:libsndfile.so\n"
  return suppressions.utf8Start
}
