import struct

from unimoe_train.lexicon.alignment import align
from unimoe_train.lexicon.file import Bits, build, hash_of, packed_word
from unimoe_train.lexicon.graphones import Graphones
from unimoe_train.lexicon.judge import IPA, TOKEN, distance_of, share
from unimoe_train.lexicon.phonemes import CODES, NAMES, PLAIN

WORDS = {
    "ship": [("SH", "IH1", "P")],
    "ships": [("SH", "IH1", "P", "S")],
    "hip": [("HH", "IH1", "P")],
    "sip": [("S", "IH1", "P")],
    "his": [("HH", "IH1", "Z"), ("HH", "IH0", "Z")],
}
PAIRS = [(word, phonemes) for word, listed in WORDS.items() for phonemes in listed]


def test_letters_are_aligned_with_their_phonemes():
    aligned = dict(zip((word for word, _ in PAIRS), align(PAIRS), strict=True))
    assert [len(parts) for parts in aligned.values()] == [len(word) for word in aligned]
    assert aligned["hip"] == [("HH",), ("IH1",), ("P",)]
    assert sum(aligned["ships"], ()) == ("SH", "IH1", "P", "S")
    assert align([("a", ("EY1", "B", "IY1", "S"))]) == [None]


def test_words_share_their_beginnings_and_numbers_their_bits():
    assert packed_word("ships", "ship") == bytes([4, ord("s") | 0x80])
    assert packed_word("ship", "ship") == bytes([4, 0x80])
    bits = Bits()
    for number in (1, 2, 5):
        bits.gamma(number)
    assert bits.bytes() == bytes([0b10100010, 0b10000000])


def test_the_file_tells_where_its_parts_are():
    aligned = {pair: list(zip(pair[0], parts, strict=True)) for pair, parts in zip(PAIRS, align(PAIRS), strict=True)}
    file = build(WORDS, aligned, Graphones(list(aligned.values())), None)
    version, words, blocks, *places = struct.unpack("<9I", file[8:44])
    assert (version, words, blocks) == (1, 5, 1) and file[:8] == b"UMLEXICN"
    assert places[0] == 48 and places[0] + places[1] == places[2] and places[4:] == [len(file), 0]


def test_the_hash_is_the_one_that_the_engine_computes():
    assert hash_of((0, 2, 3)) == hash_of((0, 2, 3)) != hash_of((2, 3))
    assert 0 <= hash_of(tuple(range(6))) < 1 << 32


def test_any_listed_pronunciation_counts_and_stress_apart():
    found = share(
        WORDS, [("SH", "IH0", "P"), ("SH", "IH1", "P", "S"), ("HH", "IH1"), ("S", "IH1", "P"), ("HH", "IH0", "Z")]
    )
    assert found == {"words_right": 0.8, "words_right_with_stress": 0.6, "phonemes_right": 1 - 1 / 16}
    assert distance_of(("a", "b"), ("b", "c")) == 2


def test_every_phoneme_of_espeak_has_one_of_arpabet():
    assert all(name in PLAIN for names in IPA.values() for name in names.split())
    assert [IPA[token] for token in TOKEN.findall("həlˈoʊ")] == ["HH", "AH L", "OW"]
    assert len(NAMES) == len(CODES) == 69
