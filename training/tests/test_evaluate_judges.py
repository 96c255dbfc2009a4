"""The judges, on sound whose answer is known."""

import importlib.util

import numpy as np
import pytest
from unimoe_train.data.clips import ClipSet, ClipWriter
from unimoe_train.evaluate import figures, mode, parts, requests, sound, tempo, voice, words
from unimoe_train.evaluate.discriminant import Discriminant
from unimoe_train.evaluate.generation import Take
from unimoe_train.evaluate.stops import SpeechLengths, is_plausible_music
from unimoe_train.plan.instruments import family
from unimoe_train.recipe import DataRecipe, Voice
from unimoe_train.state import State

RATE = 16000


def note(midi, seconds, harmonics=6):
    t = np.arange(int(seconds * RATE)) / RATE
    f = 440 * 2 ** ((midi - 69) / 12)
    return sum(np.sin(2 * np.pi * f * h * t) / h for h in range(1, harmonics)) * np.exp(-2 * t) * 0.1


def clicks(bpm, seconds=6.4):
    samples = 0.001 * np.random.default_rng(0).standard_normal(int(seconds * RATE))
    for beat in np.arange(0.1, seconds - 0.1, 60 / bpm):
        start = int(beat * RATE)
        samples[start : start + 400] += 0.5 * np.hanning(400) * np.sin(np.arange(400))
    return samples.astype(np.float32)


@pytest.mark.parametrize(
    "said, heard, wrong",
    [
        ("The cat sat.", "the cat sat", 0),
        ("The cat sat.", "a cat sat down", 2),
        ("The cat sat.", "", 3),
        ("Room two hundred fourteen.", "Room 214", 0),
        ("It's old-fashioned.", "its old fashioned", 1),
    ],
)
def test_words_are_compared_without_case_and_punctuation(said, heard, wrong):
    assert words.wrong_words(words.plain(said), words.plain(heard)) == wrong


def test_word_error_is_over_all_words():
    result = words.word_error(["One two three four.", "Five six."], ["one two three for", "five six"])
    assert result["value"] == pytest.approx(1 / 6, abs=1e-4) and result["low"] <= result["value"] <= result["high"]


@pytest.mark.skipif(words.missing() is not None, reason=str(words.missing()))
def test_whisper_hears_silence_as_nothing_much():
    assert len(words.plain(words.Listener().hear(np.zeros(RATE, np.float32)))) <= 3


def test_shares_have_intervals():
    figure = figures.share([True] * 90 + [False] * 10)
    assert figure["value"] == 0.9 and figure["low"] == pytest.approx(0.826, abs=2e-3) and figure["count"] == 100
    assert figures.share([])["value"] is None
    assert figures.mean([1.0, 3.0, float("nan")])["value"] == 2
    three = figures.mean([1.0, 2.0, 3.0])  # Student's t with two degrees of freedom: 4.303 deviations of the mean
    assert three["high"] - 2 == pytest.approx(4.3027 / np.sqrt(3), abs=1e-3)
    assert figures.mean([1.5]) == {"value": 1.5, "count": 1}


def test_chance_is_what_the_sound_of_other_captions_would_have():
    clip = lambda inst, mode: {"inst": inst, "mode": mode, "bpm": 100, "tempo": "medium", "genre": "pop"}
    leads = [("piano", "major"), ("piano", "minor"), ("flute", "minor"), ("flute", "minor")]
    pieces = [requests.HeldOutPiece(clip(*lead), "a piece, 100 bpm", "mus2test", i) for i, lead in enumerate(leads)]
    heard = [parts.Heard(bpm, family(inst), mode) for bpm, (inst, mode) in zip((100, 100, 50, 77), leads)]
    assert parts.agreement(pieces, heard)["family"]["value"] == 1
    by_chance = parts.chance(pieces, heard)
    assert by_chance["family"]["value"] == pytest.approx(1 / 3, abs=1e-4)  # each has one like it among three others
    assert by_chance["mode"]["value"] == pytest.approx((0 + 2 / 3 + 2 / 3 + 2 / 3) / 4, abs=1e-4)
    assert by_chance["tempo"]["value"] == pytest.approx((2 / 3 + 2 / 3 + 2 / 3 + 1) / 4, abs=1e-4)


@pytest.mark.parametrize("bpm", [60, 72, 100, 120, 149, 175])
def test_the_tempo_of_clicks(bpm):
    assert tempo.agrees(tempo.estimate(clicks(bpm)), bpm, bpm)


def test_the_tempo_that_a_caption_allows():
    clip = {"bpm": 140, "tempo": "fast", "genre": "rock"}
    assert tempo.target(clip, "fast rock drums, 140 bpm") == (140, 140)
    assert tempo.target(clip, "fast rock drums") == (119, 190)
    assert tempo.target(clip, "fast rock drums, 140bpm") == (140, 140)
    assert tempo.target(clip, "fast rock drums, room 1140") == (119, 190)
    assert tempo.agrees(73, 140, 140) and tempo.agrees(146, 140, 140) and not tempo.agrees(95, 140, 140)


def test_discriminants_separate_what_differs():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(0, 1, (60, 5)), rng.normal(0, 1, (60, 5)) + [2, 0, 0, 2, 0]])
    labels = ["a"] * 60 + ["b"] * 60
    judge = Discriminant(points, labels)
    assert np.mean([x == y for x, y in zip(judge.classify(points), labels)]) > 0.85
    assert judge.classify(np.array([[3.0, 0, 0, 3, 0]])) == ["b"]


def test_the_mode_is_found_in_keys_that_were_not_learned(tmp_path):
    """Learned in two keys, asked in others."""
    state = State(tmp_path)
    steps = {"major": (0, 5, 7, 0), "minor": (0, 5, 7, 0)}

    def piece(tonic, kind):
        third = 4 if kind == "major" else 3
        chords = [[tonic + step, tonic + step + third, tonic + step + 7] for step in steps[kind]]
        return np.concatenate([sum(note(48 + p, 0.4) for p in chord) + note(36 + chord[0], 0.4) for chord in chords])

    for name, keys in (("train", (0, 4)), ("test", (7, 10))):
        writer = ClipWriter()
        for key in keys:
            for kind in mode.MODES:
                fields = dict(kind="m", caps=["a"], mode=kind, tonic=key, inst="piano")
                writer.append(piece(key, kind), **fields)
        writer.save(state, name)
    test = ClipSet(state, "test")
    judge = mode.ModeJudge(state, ["train"])
    assert judge.name([samples for _, samples in test]) == [clip["mode"] for clip in test.clips]


def test_voices_are_told_by_pitch_and_timbre(tmp_path):
    state, rng = State(tmp_path), np.random.default_rng(0)

    def speak(low):
        return np.concatenate(
            [
                note(rng.integers(40, 46) if low else rng.integers(56, 62), 0.2, 10 if low else 4)
                + 0.002 * rng.standard_normal(3200)
                for _ in range(5)
            ]
        )

    for name, low in (("a0", True), ("b0", False)):
        writer = ClipWriter()
        for _ in range(8):
            writer.append(speak(low), kind="s", voice=name[0], text="A.")
        writer.save(state, name)
    judge = voice.VoiceJudge(state, {"a": "a0", "b": "b0"})
    assert judge.name([speak(True).astype(np.float32), speak(False).astype(np.float32)]) == ["a", "b"]


def test_lengths_are_judged_by_the_text(tmp_path):
    state, writer = State(tmp_path), ClipWriter()
    for count in (20, 40, 60):
        writer.append(np.zeros(count * 1000), kind="s", voice="a", text="x" * count)
    writer.save(state, "a0")
    lengths = SpeechLengths.of(state, DataRecipe(voices={"a": Voice("flite")}))
    assert lengths.expected("a", "x" * 50) == pytest.approx(50 / 16, abs=1e-3)
    for seconds, plausible in ((3.0, True), (0.5, False), (9.0, False)):
        assert lengths.are_plausible(Take("x" * 50, "a", 0, seconds, "end", "")) == plausible
    assert is_plausible_music(Take("piano", "", 0, 6.4, "end", "")) and not is_plausible_music(
        Take("piano", "", 0, 1, "end", "")
    )


def test_equal_sounds_have_no_distance():
    x = clicks(120, 1.5)
    result = sound.distances(x, x[:-8], RATE, is_speech=False)
    assert result["mel"] < 0.02 and sound.distances(x, 0.1 * clicks(90, 1.5), RATE, is_speech=False)["mel"] > 0.1


@pytest.mark.skipif(importlib.util.find_spec("pystoi") is None, reason="needs pystoi")
def test_intelligibility_is_one_for_equal_sounds():
    x = np.concatenate([note(midi, 0.3, 12) for midi in (45, 50, 43, 52, 47)]).astype(np.float32)
    assert sound.distances(x, x, RATE, is_speech=True)["stoi"] > 0.99


def test_a_click_at_either_end_is_told():
    voice = 0.1 * np.sin(np.arange(16000) / 5)
    voice[:400] = voice[-400:] = 0
    for place in (3, -3):
        clicks = voice.copy()
        clicks[place] = 0.5
        assert sound.click(voice, clicks, RATE) > 5 and sound.click(voice, voice, RATE) == 0
    elsewhere = voice.copy()
    elsewhere[8000] = 0.5
    assert sound.click(voice, elsewhere, RATE) == 0
