"""The phonemes of English speech: ARPAbet as CMUdict writes it, vowels with their stress."""

SILENCE = 0  # number of the phoneme that stands for a pause
PAUSE = "SIL"
VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split()
CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split()
STRESSES = "012"
PHONEMES = (PAUSE, *sorted([vowel + stress for vowel in VOWELS for stress in STRESSES] + CONSONANTS))
NUMBERS = {name: number for number, name in enumerate(PHONEMES)}


def number(name: str) -> int | None:
    """A phoneme's number; a vowel without a stress counts as unstressed; `None` for a name that is no phoneme."""
    return NUMBERS.get(name, NUMBERS.get(f"{name}0"))


def sounds() -> list[int]:
    """For every phoneme the number of its sound: the same for all stresses of a vowel, 0 for the pause."""
    names = [name.rstrip(STRESSES) for name in PHONEMES]
    order = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return [order[name] for name in names]
