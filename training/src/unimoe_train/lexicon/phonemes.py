"""The phonemes: ARPAbet as CMUdict has it, vowels with a stress of 0 (none), 1 (primary) or 2 (secondary)."""

VOWELS = ("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW")
CONSONANTS = (
    "B",
    "CH",
    "D",
    "DH",
    "F",
    "G",
    "HH",
    "JH",
    "K",
    "L",
    "M",
    "N",
    "NG",
    "P",
    "R",
    "S",
    "SH",
    "T",
    "TH",
    "V",
    "W",
    "Y",
    "Z",
    "ZH",
)
NAMES = tuple(vowel + stress for vowel in VOWELS for stress in "012") + CONSONANTS
CODES = {name: code for code, name in enumerate(NAMES)}
PLAIN = tuple(name.rstrip("012") for name in NAMES)


def without_stress(phonemes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(phoneme.rstrip("012") for phoneme in phonemes)
