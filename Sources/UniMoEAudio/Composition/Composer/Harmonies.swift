/// Progressions that genres share.
extension Harmony {
  /// Four chords that go round, as in popular songs.
  static let pop = (
    major: Harmony(
      open: ["I V vi IV", "I vi IV V", "I iii IV V", "vi IV I V", "I IV vi V", "I Vsus4,V vi IV"],
      closed: ["I IV V I", "vi IV V I", "I V,vi IV,V I", "IV V I I", "ii V I I"],
      bridge: ["IV V iii vi", "vi V IV V", "ii iii IV V", "IV iv I V", "vi iii IV V"]),
    minor: Harmony(
      open: ["i VI III VII", "i iv VI V", "i VII VI V", "i III VII VI", "i v VI VII"],
      closed: ["i iv V i", "VI VII i i", "iv V i i", "i VI,VII i i", "VI V i i"],
      bridge: ["VI VII i V", "iv VII III V", "III VII VI V", "iv i VI V"])
  )
  static let rock = (
    major: Harmony(
      open: ["I bVII IV I", "I IV V IV", "I I IV V", "I bIII IV bVII", "I V IV V"],
      closed: ["IV V I I", "bVI bVII I I", "I IV,V I I", "bVII IV I I"],
      bridge: ["vi IV V V", "bVI bVI bVII V", "IV IV I V", "ii IV V V"]),
    minor: Harmony(
      open: ["i5 VI5 VII5 i5", "i VI III VII", "i5 III5 IV5 VI5", "i VII VI VII", "i5 i5 VI5 VII5"],
      closed: ["VI VII i i", "iv V i i", "i5 VI5,VII5 i5 i5", "VII VI,VII i i"],
      bridge: ["VI VI VII V", "III VII iv V", "iv VI VII V"])
  )
  static let blues = (
    major: Harmony(
      open: ["I7 IV7 I7 I7", "IV7 IV7 I7 I7", "I7 I7 IV7 V7"], closed: ["V7 IV7 I7 I7", "IV7 V7 I7 I7", "V7 V7 I7 I7"],
      bridge: ["IV7 IV7 I7 VI7", "II7 II7 V7 V7"]),
    minor: Harmony(
      open: ["i7 iv7 i7 i7", "iv7 iv7 i7 i7", "i7 i7 iv7 V7"], closed: ["VI7 V7 i7 i7", "iv7 V7 i7 i7"],
      bridge: ["iv7 iv7 i7 i7", "VI7 VI7 V7 V7"])
  )
  static let jazz = (
    major: Harmony(
      open: [
        "Imaj7 vi7 ii7 V7", "iii7 VI7 ii7 V7", "Imaj7 IVmaj7 iii7,VI7 ii7,V7", "ii7 V7 Imaj7 VI7", "Imaj7 II7 ii7 V7",
        "I6 #io7 ii7 V7",
      ],
      closed: [
        "ii7 V7 Imaj7 Imaj7", "iii7,VI7 ii7,V7 I6 I6", "iv7,bVII7 Imaj7,VI7 ii7,V7 Imaj7", "vi7 ii7,V7 Imaj7 I6",
      ],
      bridge: ["IVmaj7 iv7,bVII7 iii7 VI7", "III7 VI7 II7 V7", "v7 I7 IVmaj7 IVmaj7", "vi7 II7 ii7 V7"]),
    minor: Harmony(
      open: ["im7 iv7 iiø V7", "im7 VImaj7 iiø V7", "im6 iiø,V7 im6 V7", "iv7 VII7 IIImaj7 V7"],
      closed: ["iiø V7 im6 im6", "iv7 iiø,V7 im7 im6", "VImaj7 iiø,V7 im7 im6"],
      bridge: ["iv7 VII7 IIImaj7 VImaj7", "iv7 im7 iiø V7", "IIImaj7 VImaj7 iiø V7"])
  )
  static let bossa = (
    major: Harmony(
      open: ["Imaj7 II7 ii7 V7", "Imaj7 Imaj7 II7 II7", "Imaj7 #io7 ii7 V7", "iii7 bIIIo7 ii7 V7"],
      closed: ["ii7 V7 Imaj7 Imaj7", "ii7 bII7 Imaj7 Imaj7", "iv6 iii7,VI7 ii7,V7 I6"],
      bridge: ["IVmaj7 iv6 iii7 VI7", "vi7 II7 ii7 V7", "bIImaj7 bIImaj7 ii7 V7"]),
    minor: Harmony(
      open: ["im7 iiø,V7 im7 V7", "im6 VII7 VImaj7 V7", "im7 iv7 iiø V7"],
      closed: ["iiø V7 im6 im6", "VImaj7 V7 im7 im6"], bridge: ["iv7 VII7 IIImaj7 VImaj7", "IIImaj7 VImaj7 iiø V7"])
  )
  static let latin = (
    major: Harmony(
      open: ["I IV V IV", "I I V V", "I vi ii V", "I IV I V"], closed: ["IV V I I", "ii V I I", "V V I I"],
      bridge: ["IV I V I", "vi ii V V", "IV iv I V"]),
    minor: Harmony(
      open: ["i iv V V", "i VII VI V", "i i V V", "i iv VII V"], closed: ["iv V i i", "VI V i i", "V V i i"],
      bridge: ["iv i V i", "VI III VII V", "iv VII III V"])
  )
  static let funk = (
    major: Harmony(
      open: ["I7 I7 IV7 I7", "I9 I9 I9 IV9", "I7 I7 bVII7 IV7", "I9 IV9 I9 V9"],
      closed: ["IV7 V7 I7 I7", "bVII7 IV7 I7 I7", "I9 IV9,V9 I9 I9"], bridge: ["IV7 IV7 I7 V7", "vi7 II7 IV7 V7"]),
    minor: Harmony(
      open: ["im7 im7 IV7 im7", "im7 im7 im7 IV9", "im7 VII im7 iv7", "im7 III7,IV7 im7 V7"],
      closed: ["iv7 V7 im7 im7", "VII7 IV7 im7 im7"], bridge: ["iv7 iv7 im7 V7", "VImaj7 VII7 iv7 V7"])
  )
  static let soul = (
    major: Harmony(
      open: ["Imaj7 iii7 IVmaj7 V7sus4", "Imaj7 vi7 ii9 V7", "I I7 IV iv", "IVmaj7 iii7 ii7 V7"],
      closed: ["ii7 V7 Imaj7 I6", "IV V7 I I", "IV,iv I,VI7 ii7,V7 I"], bridge: ["IVmaj7 iii7 vi7 II7", "vi iii IV V"]),
    minor: Harmony(
      open: ["im7 iv7 VII7 IIImaj7", "im9 im9 iv9 V7", "VImaj7 v7 im7 im7", "im7 VImaj7 iiø V7"],
      closed: ["iv7 V7 im7 im7", "iiø V7 im9 im9"], bridge: ["VImaj7 VII7 im7 im7", "iv7 VII7 IIImaj7 V7"])
  )
  static let lofi = (
    major: Harmony(
      open: [
        "ii9 V9 Imaj9 vi9", "IVmaj7 iii7 vi7 ii7", "Imaj9 vi9 ii9 V7", "IVmaj9 V6 iii7 vi9", "IVmaj7 iv6 Imaj7 VI7",
      ],
      closed: ["ii9 V9 Imaj9 Imaj9", "IVmaj7 iv6 Imaj9 Imaj9", "iii7,vi7 ii9,V9 Imaj9 Imaj9"],
      bridge: ["vi9 V6 IVmaj7 iii7", "iii7 vi9 ii9 V9"]),
    minor: Harmony(
      open: ["im9 iv9 VII7 IIImaj7", "VImaj7 v7 im9 im9", "im9 VImaj7 iv9 V7", "iv9 im9 VImaj7 V7"],
      closed: ["iiø V7 im9 im9", "VImaj7 V7 im9 im9", "iv9 v7 im9 im9"],
      bridge: ["VImaj7 VII6 im9 im9", "iv9 VII9 IIImaj7 V7"])
  )
  static let dance = (
    major: Harmony(
      open: ["vi IV I V", "I V vi IV", "IV V vi I", "IVmaj7 Imaj7 V vi7"],
      closed: ["IV V I I", "vi V I I"], bridge: ["vi V IV V", "ii vi IV V"]),
    minor: Harmony(
      open: ["i VI III VII", "i i VI VII", "im7 VImaj7 III VII", "i v VI iv", "im7 im7 iv7 iv7"],
      closed: ["VI VII i i", "iv v i i"], bridge: ["VI III VII VII", "iv VI VII V"])
  )
  static let folk = (
    major: Harmony(
      open: ["I I IV V", "I V I V", "I IV I V", "I vi IV V", "I V,IV I V"],
      closed: ["I V V7 I", "IV I V7 I", "I IV V7 I", "I IV,V I I"],
      bridge: ["IV I IV V", "V V I V", "vi iii IV V", "IV I II7 V"]),
    minor: Harmony(
      open: ["i VII i V", "i iv i V", "i III VII V", "i VII VI V"], closed: ["i iv V i", "VI VII i i", "iv i V i"],
      bridge: ["III VII i V", "VI III VII V", "iv i VII V"])
  )
  static let country = (
    major: Harmony(
      open: ["I I IV I", "I I V V", "I IV I V7", "IV IV I V7"], closed: ["I V7 I I", "IV V7 I I", "I,IV I,V7 I I"],
      bridge: ["IV IV I I7", "II7 II7 V V7", "vi IV V V7"]),
    minor: Harmony(
      open: ["i VII VI V", "i i iv V", "i III VII V"], closed: ["iv V i i", "VI V i i"],
      bridge: ["VI III VII V", "iv i VI V"])
  )
  static let reggae = (
    major: Harmony(
      open: ["I V vi IV", "I IV I V", "I ii IV V", "I IV V IV"], closed: ["IV V I I", "ii IV,V I I"],
      bridge: ["vi iii IV V", "IV V vi V"]),
    minor: Harmony(
      open: ["i iv i v", "i VII i VII", "i VI VII i", "i iv VII v"], closed: ["iv v i i", "VI VII i i"],
      bridge: ["VI VII i v", "iv VII III v"])
  )
  static let classical = (
    major: Harmony(
      open: ["I IV ii V", "I V I V", "I vi ii V", "I ii,V I V", "I IV,I ii V", "I V vi,II7 V"],
      closed: ["I IV V7 I", "ii V7 I I", "I,vi ii,V7 I I", "IV,ii V,V7 I I", "vi ii V7 I"],
      bridge: ["vi III7 vi II7", "V V I V", "II7 V II7 V", "IV I viio V", "vi ii iii III7"]),
    minor: Harmony(
      open: ["i iv iio V", "i V i V", "i VI iv V", "i iv,i iio V", "i VII III V"],
      closed: ["i iv V7 i", "iio V7 i i", "VI iv V7 i", "iv,iio V,V7 i i"],
      bridge: ["III VII III V", "VI iv VII III", "iv VII III V", "III VI iio V"])
  )
  static let floating = (
    major: Harmony(
      open: [
        "Imaj7 IVmaj7 Imaj7 IVmaj7", "Iadd9 vi7 IVmaj7 IVmaj7", "IVmaj9 Imaj7 vi7 Vsus4", "Imaj9 iii7 IVmaj9 vi7",
      ],
      closed: ["IVmaj7 V7sus4 Iadd9 Iadd9", "vi7 IVmaj7 Imaj7 Imaj7", "IVmaj7 iv6 Imaj7 Imaj7"],
      bridge: ["vi7 iii7 IVmaj7 IVmaj7", "bVIImaj7 IVmaj7 bVIImaj7 Vsus4"]),
    minor: Harmony(
      open: ["im9 im9 VImaj7 VImaj7", "im7 v7 VImaj7 iv7", "im9 IIImaj7 VImaj7 v7", "VImaj7 VII6 im7 im7"],
      closed: ["VImaj7 v7 im9 im9", "iv7 v7 im7 im9"], bridge: ["IIImaj7 VII6 iv9 iv9", "VImaj7 IIImaj7 iv7 v7"])
  )
  static let lullaby = (
    major: Harmony(
      open: ["I I V7 V7", "I IV I V", "I vi ii V", "I I IV V"], closed: ["V7 V7 I I", "IV I V7 I", "ii V7 I I"],
      bridge: ["IV IV I V", "IV I IV V", "vi vi ii V"]),
    minor: Harmony(
      open: ["i iv i V", "i VI iv V", "i VII VI V"], closed: ["iv i V7 i", "VI V7 i i"],
      bridge: ["iv VII III V", "VI III iv V"])
  )
  static let epic = (
    major: Harmony(
      open: ["I V vi IV", "I bVI IV V", "I iii vi IV", "I IV bVII V"],
      closed: ["bVI bVII I I", "IV V I I", "ii V7 I I"],
      bridge: ["vi iii IV V", "bIII bVII IV V", "bVI bIII bVII V"]),
    minor: Harmony(
      open: ["i VI III VII", "i iv VI V", "i v VI III", "i VII iv V"],
      closed: ["VI VII i i", "iv V i i", "iio V7 i i"],
      bridge: ["VI III VII V", "iv VI VII V", "III VII VI V"])
  )
}
