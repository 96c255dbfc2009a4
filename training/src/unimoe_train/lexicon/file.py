"""The file of a lexicon; in Sources/UniMoEAudio/Text, Lexicon.swift describes its layout, ListedWords.swift,
WordFilter.swift and GraphoneModel.swift those of its parts."""

import struct

import numpy as np

from unimoe_train.lexicon import word_filter
from unimoe_train.lexicon.dictionary import Dictionary
from unimoe_train.lexicon.graphones import LETTERS, Graphone, Graphones
from unimoe_train.lexicon.ngram import ORDER, TINY, Level, Model
from unimoe_train.lexicon.phonemes import CODES

NAME = "lexicon.bin"
MAGIC = b"UMLEXICN"
VERSION = 2
BLOCK = 16  # words that are found together
END = 0x80  # the last one of a word's letters
STEP = 8  # of a logarithm in the model's numbers, an eighth
LEADS_ON = 0x80  # an n-gram that longer ones begin with
SPACING = 32  # of the counts that tell where an n-gram's followers are

Aligned = dict[tuple[str, tuple[str, ...]], list[Graphone]]


def build(
    dictionary: Dictionary, regular: set[str], aligned: Aligned, graphones: Graphones, model: Model, licence: str = ""
) -> bytes:
    """`regular`: the words that sound as the model says, so that nothing else has to tell it. `aligned`: the graphones of
    the others' pronunciations, as far as they can be told. `licence`: the dictionary's, at the end of the file."""
    words, offsets, before = bytearray(), [], ""
    irregular = {word: listed for word, listed in sorted(dictionary.items()) if word not in regular}
    for i, (word, listed) in enumerate(irregular.items()):
        if i % BLOCK == 0:
            offsets.append(len(words))
            before = ""
        words += packed_word(word, before)
        words += packed_pronunciations([(p, aligned.get((word, p))) for p in listed], graphones)
        before = word
    blocks = struct.pack(f"<{len(offsets)}I", *offsets)
    known = word_filter.pack(sorted(regular & dictionary.keys()))
    sections = [blocks, packed_graphones(graphones), bytes(words), known, packed_model(model)]
    # The number of words with an entry tells how many blocks they are in.
    lengths = [len(section) for section in sections[1:]]
    header = struct.pack("<7I", VERSION, len(dictionary), len(irregular), *lengths)
    return MAGIC + header + b"".join(sections) + licence.encode()


def packed_word(word: str, before: str) -> bytes:
    shared = 0
    while shared < min(len(word), len(before)) and word[shared] == before[shared]:
        shared += 1
    letters = bytearray(word[shared:].encode("ascii")) or bytearray(1)
    letters[-1] |= END
    return bytes([shared]) + bytes(letters)


def packed_graphones(graphones: Graphones) -> bytes:
    packed = bytearray()
    for letter in LETTERS:
        packed.append(len(graphones.of[letter]))
        for _, phonemes in graphones.of[letter]:
            packed += bytes([len(phonemes), *(CODES[phoneme] for phoneme in phonemes)])
    return bytes(packed)


class Bits:
    """Bits from the highest one of each byte on."""

    def __init__(self):
        self.bits: list[int] = []

    def add(self, value: int, count: int) -> None:
        self.bits += [value >> i & 1 for i in reversed(range(count))]

    def gamma(self, value: int) -> None:
        """A number of at least 1 after Elias: as many zeros as it has bits behind its first one, then its bits."""
        self.add(0, value.bit_length() - 1)
        self.add(value, value.bit_length())

    def bytes(self) -> bytes:
        padded = self.bits + [0] * (-len(self.bits) % 8)
        return bytes(int("".join(map(str, padded[i : i + 8])), 2) for i in range(0, len(padded), 8))


def packed_pronunciations(listed: list[tuple[tuple[str, ...], list[Graphone] | None]], graphones: Graphones) -> bytes:
    bits = Bits()
    for i, (phonemes, parts) in enumerate(listed):
        known = parts is not None and graphones.numbers(parts) is not None
        bits.add(int(i + 1 < len(listed)), 1)
        bits.add(int(known), 1)
        if known:
            for graphone in parts:
                bits.gamma(graphones.rank[graphone] + 1)
        else:
            bits.gamma(len(phonemes))
            for phoneme in phonemes:
                bits.add(CODES[phoneme], 7)
    return bits.bytes()


def packed_model(model: Model) -> bytes:
    """The n-grams that are kept, the shorter ones first; those of one length sorted by their contexts and last symbols."""
    after = [
        followers(level, longer) for level, longer in zip(model.levels[1:], model.levels[2:] + [None], strict=True)
    ]
    levels = list(zip(model.levels[1:], after, strict=True))
    number = np.concatenate([counted for _, counted in levels])
    symbols = np.concatenate([level.symbol[level.kept] for level, _ in levels])
    costs = np.concatenate([logarithm(level.probability[level.kept]) for level, _ in levels]).clip(0, LEADS_ON - 1)
    weights = np.concatenate([logarithm(level.weight[level.kept]) for level, _ in levels]).clip(-128, 127)
    leads = number > 0
    header = struct.pack("<4I", ORDER, len(model.levels[1].symbol), len(symbols), int(leads.sum()))
    return b"".join(
        (
            header,
            sums(leads),
            sums(number[leads]),
            symbols.astype("u1").tobytes(),
            (costs + LEADS_ON * leads).astype("u1").tobytes(),
            weights[leads].astype("i1").tobytes(),
            number[leads].astype("u1").tobytes(),
        )
    )


def followers(level: Level, longer: Level | None) -> np.ndarray:
    """How many kept n-grams that are one symbol longer begin with each kept one."""
    if longer is None:
        return np.zeros(int(level.kept.sum()), int)
    return np.bincount(longer.context[longer.kept], minlength=len(level.symbol))[level.kept]


def logarithm(probability: np.ndarray) -> np.ndarray:
    return np.round(-np.log(np.maximum(probability, TINY)) * STEP).astype(int)


def sums(numbers: np.ndarray) -> bytes:
    """The sum of all numbers before every SPACING-th one."""
    return (np.cumsum(numbers) - numbers)[::SPACING].astype("<u4").tobytes()
