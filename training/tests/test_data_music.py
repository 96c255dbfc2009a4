"""Pieces as the engine composes them, and their sound."""

import os
import random
import struct

import numpy as np
import pytest
from scores import a_score, stand_in
from unimoe_train.data import music, rendering, tour
from unimoe_train.data.clips import ClipSet
from unimoe_train.data.composer import compose, read
from unimoe_train.data.midi import Note, variable_length, write
from unimoe_train.errors import BadInput
from unimoe_train.evaluate.mode import chroma
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.plan import stored
from unimoe_train.plan.instruments import DRUMS, INSTRUMENTS, family
from unimoe_train.plan.score import beats
from unimoe_train.recipe import MUSIC, DataRecipe, Music, Recipe
from unimoe_train.state import State

PROGRAM = os.environ.get("UNIMOE_AUDIO_PROGRAM", "")
needs_fluidsynth = pytest.mark.skipif(rendering.missing() is not None, reason=str(rendering.missing()))
needs_program = pytest.mark.skipif(not PROGRAM, reason="UNIMOE_AUDIO_PROGRAM names the engine's program")


def test_a_piece_has_the_engine_s_notes_after_the_lead_in():
    piece = read(a_score(), "")
    assert piece.notes == [
        Note(0.02, 0.4, 60, 90, 0, "melody"), Note(0.52, 0.4, 64, 90, 0, "melody"), Note(0.02, 0.05, 36, 100, None, "drums"),
    ]  # fmt: skip
    assert piece.seconds == 1.0 and piece.captions == ["slow piano", "piano"]
    assert piece.attributes["inst"] == "piano" and piece.attributes["parts"] == ["piano", DRUMS]


@pytest.mark.parametrize(
    "changes, message",
    [({"version": 2}, "version 1"), ({"parts": [{}]}, "notes"), ({"plan": {"beat": [0]}}, "tempo"), ({"lead_in": None}, "NoneType")],
)  # fmt: skip
def test_what_is_no_score_is_refused(changes, message):
    with pytest.raises(BadInput, match=message):
        read(a_score(**changes), "score")


def test_an_instrument_that_the_plan_lacks_is_refused():
    score = a_score()
    score["attributes"]["lead"] = "theremin"
    with pytest.raises(BadInput, match="theremin"):
        read(score, "score")


def test_a_program_that_fails_or_answers_too_little_is_named(tmp_path):
    program = tmp_path / "unimoe-audio"
    for script, message in (("echo broken >&2; exit 3", "broken"), ("exit 0", "expected 2 lines, found 0")):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        with pytest.raises(BadInput, match=message):
            compose(str(program), 0, 2, (6, 8), 4)


@needs_program
def test_what_the_engine_composes_is_what_the_plan_tells():
    pieces = compose(PROGRAM, 7, 20, (6.0, 9.0), 5)
    assert all(6 <= piece.seconds < 9.1 and piece.captions for piece in pieces)
    for piece in pieces:
        assert {len(codes) for codes in piece.plan.values()} == {piece.code_frames}
        assert piece.plan["lead"][0] == INSTRUMENTS.index(piece.attributes["inst"])
        assert max(note.start + note.seconds for note in piece.notes) <= piece.seconds + 0.05
        strokes = np.flatnonzero(piece.plan["drums"])
        played = np.array([note.start for note in piece.notes if note.program is None] or [-1])
        assert all(np.abs(played - (frame + 0.5) / 50).min() < 0.05 for frame in strokes)
        # The melody's pitches are sounding notes of the piece.
        for frame in np.flatnonzero(piece.plan["melody"] < 256)[::25]:
            sounding = {n.pitch for n in piece.notes if n.start - 0.05 <= frame / 50 <= n.start + n.seconds + 0.1}
            assert piece.plan["melody"][frame] // 2 in sounding
    steady = next(piece for piece in pieces if len(set(piece.plan["tempo"].tolist())) == 1)
    assert compose(PROGRAM, 7, 1, (6.0, 9.0), 5)[0].notes == pieces[0].notes
    assert steady.plan["beat"][0] == beats(100, 4, 50, 0, 1)[0] == 0


def test_instruments_are_named_once_and_have_families():
    assert len(set(INSTRUMENTS)) == len(INSTRUMENTS) and DRUMS in INSTRUMENTS
    assert family(DRUMS) == "drums" and family("slap bass") == "bass"
    c = ModelConfiguration.from_recipe(Recipe.load("plan-small").model, 300, 299)
    assert c.plan.instruments == list(INSTRUMENTS)


@needs_fluidsynth
def test_a_set_holds_sound_plan_captions_and_attributes_of_one_length(tmp_path):
    state, recipe = State(tmp_path / "state"), DataRecipe(music={"mus": Music(clips=3, seconds=1.0, test_clips=1)})
    program = stand_in(tmp_path, a_score(), a_score(captions=["organ"]))
    music.make(state, recipe, "mus", program)
    clips = ClipSet(state, "mus")
    assert [clip["n"] for clip in clips.clips] == [16000] * 3 and clips.clips[0]["bpm"] == 120
    assert all(0.02 < np.sqrt(np.mean(samples**2)) < 0.1 and np.abs(samples[-3:]).max() < 1e-2 for _, samples in clips)
    c = ModelConfiguration.from_recipe(Recipe.load("plan-small").model, 300, 299)
    assert (stored.read(state, "mus", c.channels(MUSIC), 150) == 0).all()
    held_out = stand_in(tmp_path, a_score(captions=["slow piano", "a tune"]))
    music.make(state, recipe, "mus", held_out, test=True)
    assert ClipSet(state, "mustest").clips[0]["caps"] == ["a tune"]  # the other one was trained on


def test_no_two_sets_have_the_same_pieces():
    seeds = [music.first_seed(name, test) for name in ("mus", "mus2", "mus3") for test in (False, True)]
    assert min(abs(a - b) for i, a in enumerate(seeds) for b in seeds[:i]) >= 2**20


@pytest.mark.parametrize("value, octets", [(0, b"\0"), (127, b"\x7f"), (128, b"\x81\0"), (16384, b"\x81\x80\0")])
def test_variable_lengths(value, octets):
    assert variable_length(value) == octets


def test_a_midi_file_is_well_formed(tmp_path):
    path = tmp_path / "a.mid"
    write(path, [Note(0, 1, 60, 90, 0), Note(0.5, 1, 36, 90, None)])
    data = path.read_bytes()
    assert data[:14] == struct.pack(">4sIHHH", b"MThd", 6, 0, 1, 1000)
    assert data[14:18] == b"MTrk" and int.from_bytes(data[18:22], "big") == len(data) - 22
    assert bytes((0xC0, 0)) in data and bytes((0x99, 36, 90)) in data and data.endswith(b"\xff\x2f\0")


def test_two_parts_of_one_program_do_not_end_each_other_s_notes(tmp_path):
    path = tmp_path / "a.mid"
    write(path, [Note(0, 1, 60, 90, 0, "melody"), Note(0, 0.5, 60, 80, 0, "chords")])
    data = path.read_bytes()
    assert bytes((0x90, 60, 90)) in data and bytes((0x91, 60, 80)) in data and bytes((0xC1, 0)) in data


def test_a_tour_s_phrases_are_of_one_instrument_or_of_drums():
    rng = random.Random(2)
    for program in (0, 127, None):
        notes = tour.phrase(program, rng)
        assert {note.program for note in notes} == {program} and len(notes) > 2
        assert max(note.start + note.seconds for note in notes) < tour.SECONDS


@needs_fluidsynth
def test_a_tour_has_clips_of_many_instruments_for_the_codec_alone(tmp_path):
    state, recipe = State(tmp_path), DataRecipe(tour=20)
    tour.make(state, recipe)
    clips = ClipSet(state, "tour")
    assert len(clips) == 20 and len({clip["program"] for clip in clips.clips}) == 19
    assert all(clip["n"] == 102400 for clip in clips.clips)
    assert sum(np.abs(clips.audio(index)).max() > 0.05 for index in range(20)) >= 19
    assert recipe.tour_sets() == ["tour"] and recipe.music_sets() == []


@needs_fluidsynth
def test_the_pitch_classes_of_a_rendered_piece_are_those_of_its_notes():
    notes = [Note(0.02 + bar * 1.2, 1.1, pitch, 90, 19, "chords") for bar in range(2) for pitch in (51, 54, 58, 63)]
    (clip,) = rendering.render_pieces([(notes, 3.0)], rendering.find_sound_font(), 16000)
    assert len(clip) == 48000
    frames = slice(10, 110)
    middle = chroma(clip[frames.start * 320 : frames.stop * 320])[1]
    assert {3, 6, 10} == set(np.argsort(middle)[-3:])
