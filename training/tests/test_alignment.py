"""Alignment finds the phonemes of synthetic speech whose boundaries are known, and never leaves a word out."""

import shutil

import numpy as np
import pytest
from unimoe_train.alignment.aligner import Aligner
from unimoe_train.alignment.letters import places_of
from unimoe_train.alignment.pronunciation import SILENCE, Pronunciation, spans
from unimoe_train.alignment.viterbi import best_paths, states_of

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
SENTENCES = [
    "The quick brown fox jumps over the lazy dog.",
    "Glue the sheet to the dark blue background.",
    "Four hours of steady work faced us.",
    "A rod is used to catch pink salmon.",
    "These days a chicken leg is a rare dish.",
    "Rice is often served in round bowls.",
]


def test_words_leave_outer_punctuation_out_and_split_at_hyphens():
    text = "“Well-known,” she said: it's $5!"
    assert [text[a:b] for a, b in spans(text)] == ["Well", "known", "she", "said", "it's", "$5"]


@needs_espeak
def test_phonemes_are_those_that_espeak_prints():
    pronunciation = Pronunciation.of(["Hello dog."])
    hello, dog = pronunciation.words("Hello dog.")
    assert [pronunciation.names[p] for p in hello.phonemes] == ["h", "ə", "l", "oʊ"]
    assert [pronunciation.names[p] for p in dog.phonemes] == ["d", "ɑː", "ɡ"]
    assert (hello.start, hello.end, dog.start, dog.end) == (0, 5, 6, 9)


@needs_espeak
def test_characters_are_spelled_by_the_phonemes_that_belong_to_them(tmp_path):
    pronunciation = Pronunciation.of([*SENTENCES, "so knot knit knee pot dot hop top stop dock lock"])
    names = [*pronunciation.names, ""]  # the last one answers for -1
    spelled = lambda text: [[names[first], names[last]] for first, last in pronunciation.spelled(text)]
    assert spelled("So? Hop") == [["s", "s"], ["oʊ", "oʊ"], ["", ""], ["", ""], ["h", "h"], ["ɑː", "ɑː"], ["p", "p"]]
    assert spelled("knot") == [["n", "n"], ["n", "n"], ["ɑː", "ɑː"], ["t", "t"]]
    pronunciation.save(tmp_path / "words.json")
    again = Pronunciation.load(tmp_path / "words.json")
    assert (again.spelled("Rice fox") == pronunciation.spelled("Rice fox")).all()


def test_letters_that_always_sound_alike_get_their_own_phonemes():
    words = {
        "tha": (9, 1),
        "ath": (1, 9),
        "that": (9, 1, 2),
        "tat": (2, 1, 2),
        "at": (1, 2),
        "axa": (1, 3, 4, 1),
        "ax": (1, 3, 4),
    }
    places = places_of(words)
    assert places["tat"] == (0, 1, 2) and places["axa"] == (0, 1, 1, 2)
    assert places["that"][1:] == (2, 3) and places["that"][0] in (0, 1)
    assert places_of({"7": (1, 2, 3, 4, 5)})["7"] == (0, 0, 0, 0, 0)


@needs_espeak
def test_more_words_bring_no_new_phonemes():
    pronunciation = Pronunciation.of(["so"], ["sew thing"])
    assert pronunciation.names == Pronunciation.of(["so"]).names
    assert len(pronunciation.words("so sew")) == 2 and not pronunciation.words("thing")


@needs_espeak
def test_words_of_no_line_or_several_do_not_shift_the_others():
    pronunciation = Pronunciation.of(["dog", "...", "a.m.", "fox 12"])
    assert [pronunciation.names[p] for p in pronunciation.words("fox")[0].phonemes] == ["f", "ɑː", "k", "s"]
    assert [pronunciation.names[p] for p in pronunciation.words("dog")[0].phonemes] == ["d", "ɑː", "ɡ"]


@needs_espeak
def test_the_best_path_equals_the_one_found_by_trying_all():
    pronunciation = Pronunciation.of(["is it"])
    states = states_of(pronunciation.words("is it"))
    scores = np.random.default_rng(3).normal(size=(7, len(pronunciation.names))).astype(np.float32)
    found = best_paths([scores], [states])[0]
    assert value(found, scores, states) == pytest.approx(
        max(value(p, scores, states) for p in paths(7, states)), abs=1e-4
    )


@needs_espeak
def test_too_few_frames_for_a_sentence_give_no_path():
    pronunciation = Pronunciation.of(SENTENCES)
    states = states_of(pronunciation.words(SENTENCES[0]))
    assert best_paths([np.zeros((10, len(pronunciation.names)), np.float32)], [states]) == [None]


@needs_espeak
def test_boundaries_of_synthetic_speech_are_found_without_any_label():
    rng = np.random.default_rng(0)
    texts = [SENTENCES[i % len(SENTENCES)] for i in range(120)]
    pronunciation = Pronunciation.of(texts)
    centres = rng.normal(size=(len(pronunciation.names), 40)) * 2
    centres[SILENCE] -= 6  # pauses are quiet
    features, truth = [], []
    for text in texts:
        names = states_of(pronunciation.words(text))[0]
        keep = [i for i, p in enumerate(names) if p != SILENCE or i in (0, len(names) - 1) or rng.random() < 0.2]
        labels = np.repeat(names[keep], rng.integers(2, 9, len(keep)))
        features.append((centres[labels] + rng.normal(size=(len(labels), 40))).astype(np.float32))
        truth.append(labels)
    aligner = Aligner(features, texts, pronunciation)
    even = np.mean(np.concatenate([aligner.phoneme_frames(i) for i in range(120)]) == np.concatenate(truth))
    aligner.fit(gaussian_rounds=5, network_rounds=1)
    fitted = np.mean(np.concatenate([aligner.phoneme_frames(i) for i in range(120)]) == np.concatenate(truth))
    assert even < 0.5 and fitted > 0.9


def paths(frames, states):
    """Every allowed way through the states."""
    names, _, optional = states

    def walk(path):
        if len(path) == frames:
            if path[-1] >= len(names) - 2:
                yield path
            return
        here = path[-1]
        for step in (0, 1, 2):
            there = here + step
            if there < len(names) and (step < 2 or optional[there - 1]):
                yield from walk([*path, there])

    for first in (0, 1):
        yield from walk([first])


def value(path, scores, states):
    from unimoe_train.alignment.viterbi import PAUSE_COST

    names, _, _ = states
    total = sum(scores[t, names[s]] for t, s in enumerate(path))
    entered = [b for a, b in zip(path, path[1:]) if a + 1 == b and names[b] == SILENCE]
    return total - PAUSE_COST * len(entered)
