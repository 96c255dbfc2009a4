import struct

import numpy as np
from unimoe_train.lexicon import word_filter
from unimoe_train.lexicon.alignment import align
from unimoe_train.lexicon.file import Bits, build, packed_model, packed_word
from unimoe_train.lexicon.graphones import Graphones
from unimoe_train.lexicon.judge import IPA, TOKEN, distance_of, share
from unimoe_train.lexicon.ngram import ORDER, Model
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
    file = build(WORDS, {"ship", "sip"}, aligned, Graphones(list(aligned.values())), Model([[]], 2), "Free.")
    version, words, entries, *lengths = struct.unpack("<7I", file[8:36])
    assert (version, words, entries) == (2, 5, 3) and file[:8] == b"UMLEXICN"
    # One block of words begins at 0.
    assert file[36:40] == bytes(4) and file[40 + sum(lengths) :] == b"Free."


def test_the_filter_knows_its_words_and_takes_one_other_in_256_for_them():
    words = [f"word{number}" for number in range(3000)]
    packed = word_filter.pack(words)
    assert len(packed) < 8 + 1.3 * len(words)
    (seed,), table = struct.unpack("<Q", packed[:8]), packed[8:]

    def knows(word: str) -> bool:
        hashed = word_filter.hash_of(word, seed)
        one, two, three = (table[place] for place in word_filter.places_of(hashed, len(table) // 3))
        return one ^ two ^ three == word_filter.mark_of(hashed)

    assert all(map(knows, words))
    assert 0.001 < np.mean([knows(f"other{number}") for number in range(10000)]) < 0.01


ROWS = [[2 + (7 * i + j * j) % 9 for j in range(3 + i % 4)] for i in range(400)]


def test_the_models_probabilities_sum_to_one_behind_every_context():
    model = Model(ROWS, 11)
    for n in range(1, ORDER + 1):
        probability = model.probabilities(n)
        kept, level = model.levels[n].kept, model.levels[n]
        before = model.levels[n - 1]
        own = np.bincount(level.context[kept], probability[kept], len(before.symbol))
        shorter = model.probabilities(n - 1)[level.shorter] if n > 1 else np.ones(len(kept))
        left = before.weight * (1 - np.bincount(level.context[kept], shorter[kept], len(before.symbol)))
        used = np.bincount(level.context[kept], minlength=len(before.symbol)) > 0
        if n > 1:
            assert np.allclose((own + left)[used], 1, atol=1e-5)
    # The beginning of a word follows nothing.
    assert abs(model.levels[1].probability[1:].sum() - 1) < 0.02


def test_n_grams_that_are_kept_have_contexts_that_are_kept():
    model = Model(ROWS, 11)
    for shorter, longer in zip(model.levels[1:], model.levels[2:]):
        assert shorter.kept[longer.context[longer.kept]].all()
    order, symbols, ngrams, contexts = struct.unpack("<4I", packed_model(model)[:16])
    assert (order, symbols) == (ORDER, 11) and contexts < ngrams == sum(
        int(level.kept.sum()) for level in model.levels[1:]
    )


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
