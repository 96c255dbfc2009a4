"""Alignment finds the states of synthetic speech whose boundaries are known, and never leaves a word out."""

import json

import numpy as np
import pytest
from unimoe_train.alignment.aligner import Aligner
from unimoe_train.alignment.clips import align_sets
from unimoe_train.alignment.mels import Mels
from unimoe_train.alignment.sound_model import SoundModel, covariance
from unimoe_train.alignment.viterbi import best_paths
from unimoe_train.data.clips import ClipWriter
from unimoe_train.errors import BadInput
from unimoe_train.plan.phonemes import NUMBERS, SILENCE, sounds
from unimoe_train.plan.sentence import Sentence, SpokenWord
from unimoe_train.state import State

HOP = 320  # samples per code frame
WORDS = {
    "quick": "K W IH1 K", "brown": "B R AW1 N", "fox": "F AA1 K S", "lazy": "L EY1 Z IY0", "dog": "D AO1 G",
    "glue": "G L UW1", "sheet": "SH IY1 T", "dark": "D AA1 R K", "hours": "AW1 ER0 Z", "steady": "S T EH1 D IY0",
    "pink": "P IH1 NG K", "salmon": "S AE1 M AH0 N", "chicken": "CH IH1 K AH0 N", "rare": "R EH1 R", "dish": "D IH1 SH",
    "rice": "R AY1 S", "often": "AO1 F AH0 N", "round": "R AW1 N D", "bowls": "B OW1 L Z", "the": "DH AH0",
}  # fmt: skip


def sentence(text: str) -> Sentence:
    numbers = lambda word: tuple(NUMBERS[name] for name in WORDS[word].split())
    return Sentence.of([SpokenWord(0, 1, numbers(word)) for word in text.split()], pauses_everywhere=True)


def states(of: Sentence) -> tuple[np.ndarray, np.ndarray]:
    return np.array(sounds())[of.phonemes], of.optional


def test_the_best_path_equals_the_one_found_by_trying_all():
    of = states(sentence("glue the"))
    scores = np.random.default_rng(3).normal(size=(8, max(sounds()) + 1)).astype(np.float32)
    found = best_paths([scores], [of])[0]
    assert value(found, scores, of) == pytest.approx(max(value(p, scores, of) for p in paths(8, of)), abs=1e-4)


def test_too_few_frames_for_a_sentence_give_no_path():
    of = states(sentence("quick brown fox"))
    assert best_paths([np.zeros((10, max(sounds()) + 1), np.float32)], [of]) == [None]


def spoken(count: int) -> tuple[list[np.ndarray], list[np.ndarray], list[Sentence]]:
    """Features, true states and sentences of synthetic speech."""
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(list(WORDS), 6)) for _ in range(count)]
    of_phoneme = np.array(sounds())
    centres = rng.normal(size=(of_phoneme.max() + 1, 40)) * 2
    centres[SILENCE] -= 6  # pauses are quiet
    features, truth, sentences = [], [], [sentence(text) for text in texts]
    for of in sentences:
        last = len(of.phonemes) - 1
        keep = [i for i in range(last + 1) if not of.optional[i] or i in (0, last) or rng.random() < 0.2]
        labels = np.repeat(keep, rng.integers(2, 9, len(keep)))
        noise = rng.normal(size=(len(labels), 40))
        features.append((centres[of_phoneme[of.phonemes[labels]]] + noise).astype(np.float32))
        truth.append(labels)
    return features, truth, sentences


def test_boundaries_of_synthetic_speech_are_found_without_any_label():
    features, truth, sentences = spoken(120)
    aligner = Aligner(features, sentences)
    right = lambda: np.mean(np.concatenate([aligner.state_frames(i) for i in range(120)]) == np.concatenate(truth))
    even = right()
    aligner.fit(gaussian_rounds=5, network_rounds=1)
    assert even < 0.5 and right() > 0.9


def test_a_set_gets_the_speech_channels_of_its_plan(tmp_path):
    state, writer, rng = State(tmp_path), ClipWriter(), np.random.default_rng(0)
    entries = []
    for number in range(6):
        text = "glue the dish"
        sound = 0.1 * rng.normal(size=40 * HOP)
        sound[: 5 * HOP] *= 0.01
        writer.append(sound, kind="s", voice="anna", text=text)
        words = [{"start": 0, "end": 1, "phonemes": WORDS[word].split(), "pause": False} for word in text.split()]
        entries.append(None if number == 2 else words)
    writer.save(state, "anna0")
    state.phonemes("anna0").write_text(json.dumps(entries))
    align_sets(state, ["anna0"])
    with np.load(state.plan("anna0")) as plan:
        phonemes, ahead = plan["phoneme"].reshape(6, 40), plan["ahead1"].reshape(6, 40)
    assert (phonemes[2] == -1).all() and (ahead[2] == -1).all()
    for clip in (0, 5):
        visited = phonemes[clip][np.flatnonzero(np.diff(phonemes[clip], prepend=-2))]
        spoken = [code // 2 for code in visited if code // 2 != SILENCE]
        assert spoken == [NUMBERS[name] for word in ("glue", "the", "dish") for name in WORDS[word].split()]
        assert all(a % 2 != b % 2 for a, b in zip(visited, visited[1:]))


def test_phonemes_that_nobody_knows_are_named(tmp_path):
    state, writer = State(tmp_path), ClipWriter()
    writer.append(np.zeros(4000), kind="s", voice="anna", text="hm")
    writer.save(state, "anna0")
    state.phonemes("anna0").write_text(json.dumps([[{"start": 0, "end": 2, "phonemes": ["HM"], "pause": False}]]))
    with pytest.raises(BadInput, match="anna0.phonemes.json: .*expected ARPAbet, found HM"):
        align_sets(state, ["anna0"])


def test_voices_are_made_alike_before_their_sounds_are_learned(tmp_path):
    state, rng = State(tmp_path), np.random.default_rng(0)
    sound = 0.1 * rng.normal(size=40 * HOP)
    sound[: 20 * HOP] *= 0.05
    for name, gain in (("anna0", 1.0), ("bob0", 0.2), ("bobtest", 0.2)):
        writer = ClipWriter()
        writer.append(gain * sound, kind="s", voice=name[:3], text="hm")
        writer.save(state, name)
    mels = Mels(state, ["anna0", "bob0", "bobtest"])
    assert np.abs(mels.raw("anna0", 0) - mels.raw("bob0", 0)).mean() > 0.5
    assert np.abs(mels.clip("anna0", 0) - mels.clip("bob0", 0)).mean() < 0.1
    np.testing.assert_allclose(mels.clip("bob0", 0), mels.clip("bobtest", 0))
    assert mels.moments.keys() == {"ann", "bob"} and mels.frames("bob0") == [len(mels.clip("bob0", 0))]


def test_a_sentence_without_phonemes_has_no_path_and_harms_no_other():
    rng = np.random.default_rng(0)
    features = [rng.normal(size=(n, 40)).astype(np.float32) for n in (30, 30, 0, 30)]
    sentences = [sentence("glue the"), Sentence.of([], pauses_everywhere=True), sentence("glue"), sentence("dish")]
    aligner = Aligner(features, sentences)
    aligner.fit(gaussian_rounds=2, network_rounds=1)
    paths = [aligner.state_frames(clip) for clip in range(4)]
    assert paths[1] is None and paths[2] is None
    for clip in (0, 3):
        assert set(np.flatnonzero(~sentences[clip].optional)) <= set(paths[clip])


def test_clips_without_speakable_text_stay_unknown(tmp_path):
    state, writer, rng = State(tmp_path), ClipWriter(), np.random.default_rng(0)
    entries = [[{"start": 0, "end": 1, "phonemes": WORDS["glue"].split(), "pause": False}]] * 4
    entries += [[], [{"start": 0, "end": 1, "phonemes": [], "pause": False}], None]
    for _ in entries:
        writer.append(0.1 * rng.normal(size=40 * HOP), kind="s", voice="anna", text="x")
    writer.append(np.zeros(0), kind="s", voice="anna", text="glue")
    writer.save(state, "anna0")
    state.phonemes("anna0").write_text(json.dumps([*entries, entries[0]]))
    align_sets(state, ["anna0"])
    with np.load(state.plan("anna0")) as plan:
        phonemes = plan["phoneme"].reshape(7, 40)
    assert (phonemes[:4] >= 0).all() and (phonemes[4:] == -1).all()


def test_a_covariance_taken_in_parts_is_that_of_all(monkeypatch):
    points = np.random.default_rng(0).normal(3, 2, (1000, 5)).astype(np.float32)
    monkeypatch.setattr("unimoe_train.alignment.sound_model.ROWS", 300)
    np.testing.assert_allclose(covariance(points), np.cov(points.T), rtol=1e-4, atol=1e-4)


def paths(frames, states):
    """Every allowed way through the states."""
    names, optional = states

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

    names, _ = states
    total = sum(scores[t, names[s]] for t, s in enumerate(path))
    entered = [b for a, b in zip(path, path[1:]) if a + 1 == b and names[b] == SILENCE]
    return total - PAUSE_COST * len(entered)


def test_what_many_clips_taught_aligns_one_clip_by_itself(tmp_path):
    features, truth, sentences = spoken(121)
    many = Aligner(features[:120], sentences[:120])
    many.fit(gaussian_rounds=5, network_rounds=1)
    many.model.save(tmp_path / "sounds.safetensors")
    one = Aligner(features[120:], sentences[120:], model=SoundModel.load(tmp_path / "sounds.safetensors"))
    one.fit()
    assert np.mean(one.state_frames(0) == truth[120]) > 0.9
    alone = Aligner(features[120:], sentences[120:])
    alone.fit(gaussian_rounds=5, network_rounds=1)
    assert np.mean(alone.state_frames(0) == truth[120]) < 0.8


def test_a_model_of_sounds_that_is_cut_is_named(tmp_path):
    (tmp_path / "sounds.safetensors").write_bytes(b"\x10")
    with pytest.raises(BadInput, match="sounds.safetensors"):
        SoundModel.load(tmp_path / "sounds.safetensors")
