"""The file of a lexicon; Sources/UniMoEAudio/Text/Lexicon.swift and LetterToSound.swift describe its layout."""

import struct

from unimoe_train.lexicon.dictionary import Dictionary
from unimoe_train.lexicon.graphones import LETTERS, Graphone, Graphones
from unimoe_train.lexicon.ngram import ORDER, Model
from unimoe_train.lexicon.phonemes import CODES

NAME = "lexicon.bin"
MAGIC = b"UMLEXICN"
VERSION = 1
BLOCK = 16  # words that are found together
END = 0x80  # the last one of a word's letters
HEADER = len(MAGIC) + 9 * 4
STEP = 16  # of a logarithm in the model's numbers, a sixteenth
FULL = 0.92  # of a hash table

Aligned = dict[tuple[str, tuple[str, ...]], list[Graphone]]


def build(dictionary: Dictionary, aligned: Aligned, graphones: Graphones, model: Model | None) -> bytes:
    """aligned: the graphones of the words' pronunciations, as far as they can be told."""
    words, offsets, before = bytearray(), [], ""
    for i, (word, listed) in enumerate(sorted(dictionary.items())):
        if i % BLOCK == 0:
            offsets.append(len(words))
            before = ""
        words += packed_word(word, before)
        words += packed_pronunciations([(p, aligned.get((word, p))) for p in listed], graphones)
        before = word
    blocks = struct.pack(f"<{len(offsets)}I", *offsets)
    sections = [blocks, packed_graphones(graphones), bytes(words), packed_model(model) if model else b""]
    places, at = [], HEADER
    for section in sections:
        places += [at, len(section)]
        at += len(section)
    # Blocks follow the header, so that their length tells the rest.
    header = struct.pack("<9I", VERSION, len(dictionary), len(offsets), *places[2:])
    return MAGIC + header + b"".join(sections)


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
    ngrams, contexts = table(model.probability), table(model.contexts())
    header = struct.pack("<4I", ORDER, round(-model.uniform * STEP), len(ngrams[1]), len(contexts[1]))
    return header + ngrams[0] + contexts[0] + ngrams[1] + contexts[1]


def table(entries: dict[tuple[int, ...], float]) -> tuple[bytes, bytes]:
    """A hash table: fingerprints of 16 bits, 0 where there is nothing, and the numbers of -STEP × logarithm."""
    size = int(len(entries) / FULL) + 1
    prints, values = [0] * size, bytearray(size)
    for ngram, logarithm in sorted(entries.items()):
        hashed = hash_of(ngram)
        place, mark = hashed * size >> 32, max(1, hashed & 0xFFFF)
        while prints[place]:
            if prints[place] == mark:
                break  # Two n-grams that cannot be told apart: the first one stays.
            place = (place + 1) % size
        if not prints[place]:
            prints[place], values[place] = mark, min(255, max(0, round(-logarithm * STEP)))
    return struct.pack(f"<{size}H", *prints), bytes(values)


def hash_of(ngram: tuple[int, ...]) -> int:
    h = 2166136261
    for number in ngram:
        h = (h ^ number + 1) * 16777619 & 0xFFFFFFFF
    h = (h ^ h >> 15) * 0x85EBCA6B & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return h ^ h >> 16
