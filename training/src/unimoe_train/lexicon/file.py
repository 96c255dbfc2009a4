"""The file of a lexicon; Sources/UniMoEAudio/Text/Lexicon.swift describes its layout."""

import struct

from unimoe_train.lexicon.dictionary import Dictionary
from unimoe_train.lexicon.phonemes import CODES

NAME = "lexicon.bin"
MAGIC = b"UMLEXICN"
VERSION = 1
BLOCK = 16  # words that are found together
END = 0x80  # of a word's letters and of its pronunciations
SEPARATOR = 0x7F  # between two pronunciations


def build(dictionary: Dictionary, model: bytes) -> bytes:
    words, offsets = bytearray(), []
    before = ""
    for i, (word, listed) in enumerate(sorted(dictionary.items())):
        if i % BLOCK == 0:
            offsets.append(len(words))
            before = ""
        words += packed_word(word, before) + packed_pronunciations(listed)
        before = word
    blocks = struct.pack(f"<{len(offsets)}I", *offsets)
    at = len(MAGIC) + 7 * 4 + len(blocks)
    header = struct.pack("<7I", VERSION, len(dictionary), len(offsets), at, len(words), at + len(words), len(model))
    return MAGIC + header + blocks + bytes(words) + model


def packed_word(word: str, before: str) -> bytes:
    shared = 0
    while shared < min(len(word), len(before)) and word[shared] == before[shared]:
        shared += 1
    letters = bytearray(word[shared:].encode("ascii")) or bytearray(1)
    letters[-1] |= END
    return bytes([shared]) + bytes(letters)


def packed_pronunciations(listed: list[tuple[str, ...]]) -> bytes:
    codes = bytearray()
    for pronunciation in listed:
        if codes:
            codes.append(SEPARATOR)
        codes += bytes(CODES[phoneme] for phoneme in pronunciation)
    codes[-1] |= END
    return bytes(codes)
