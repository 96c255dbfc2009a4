"""Pieces, their notes, their captions and their sound."""

import random
import struct

import numpy as np
import pytest
from unimoe_train.data import music, rendering, tour
from unimoe_train.data.captions import caption, captions, tidy
from unimoe_train.data.clips import ClipSet
from unimoe_train.data.composition import SCALES, compose
from unimoe_train.data.genres import GENRES
from unimoe_train.data.instruments import DRUMS, INSTRUMENTS, family
from unimoe_train.data.midi import Note, variable_length, write
from unimoe_train.data.pieces import Piece, draw_ensemble, draw_solo
from unimoe_train.evaluate.mode import chroma
from unimoe_train.recipe import DataRecipe
from unimoe_train.state import State

needs_fluidsynth = pytest.mark.skipif(rendering.missing() is not None, reason=str(rendering.missing()))


def pieces(count=60, seed=1):
    rng = random.Random(seed)
    return [draw(rng) for _ in range(count) for draw in (draw_solo, draw_ensemble)]


@pytest.mark.parametrize("name", GENRES)
def test_rhythms_of_a_genre_fill_its_bar(name):
    genre = GENRES[name]
    rhythms = (*genre.drums.values(), *genre.bass, *genre.chords, *genre.melody)
    assert {len(rhythm) for rhythm in rhythms} == {4 * genre.meter}
    assert set(genre.leads) | set(genre.backings) | set(genre.basses) <= set(INSTRUMENTS)


def test_every_note_is_in_the_key_and_within_the_piece():
    for piece in pieces():
        leading = (11,) if piece.mode == "minor" else ()
        scale = {(piece.tonic + step) % 12 for step in (*SCALES[piece.mode], *leading)}
        notes = compose(piece, 6.4, random.Random(2))
        assert notes
        assert all(note.pitch % 12 in scale for note in notes if note.program is not None)
        assert all(0 <= note.pitch < 128 and note.start >= 0 and note.start + note.seconds <= 6.4 for note in notes)
        assert {note.program for note in notes} == {
            None if name == DRUMS else INSTRUMENTS[name].program for name in piece.instruments
        }


def test_a_caption_says_tempo_mode_lead_and_drums():
    rng = random.Random(4)
    for piece in pieces():
        text = caption(piece, rng)
        assert str(piece.bpm) in text or any(
            w in text
            for w in ("slow", "calm", "unhurried", "medium", "moderate", "mid-tempo", "fast", "quick", "energetic")
        )
        assert piece.lead in text
        if piece.lead != DRUMS:
            assert any(
                word in text
                for word in (
                    piece.mode,
                    *{
                        "major": ("happy", "cheerful", "bright", "joyful"),
                        "minor": ("sad", "dark", "melancholic", "sorrowful"),
                    }[piece.mode],
                )
            )
        assert not piece.drums or "drum" in text
        assert "  " not in text and ", ," not in text and text == text.strip(" ,")


def test_a_rhythm_section_can_be_asked_for_as_one_would():
    piece = Piece(
        bpm=140, tempo="fast", tonic=4, mode="minor", lead="electric bass", style="bass line", genre="rock", drums=True
    )
    rng = random.Random(0)
    assert any(
        text.startswith("fast rock drums with electric bass") and "140" in text
        for text in (caption(piece, rng) for _ in range(300))
    )


def test_held_out_captions_are_new():
    piece = draw_solo(random.Random(1))
    trained = set(captions(piece, random.Random(1), count=20))
    assert trained.isdisjoint(captions(piece, random.Random(2), unlike=trained))


def test_empty_phrases_leave_no_commas():
    assert tidy(" slow  piano ,, , in C major,  ") == "slow piano, in C major"


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


@needs_fluidsynth
def test_a_rendered_piece_sounds_and_ends():
    rng = random.Random(5)
    chosen = [draw_ensemble(rng) for _ in range(3)]
    played = [compose(piece, 1.6 - music.LEAD_IN, rng) for piece in chosen]
    samples = rendering.render(music.score(played, 1.6), rendering.find_sound_font(), 16000)
    clips = music.cut(samples, 3, 1.6, 16000)
    assert [len(clip) for clip in clips] == [25600] * 3
    for clip in clips:
        assert 0.02 < np.sqrt(np.mean(clip**2)) < 0.1 and np.abs(clip[-3:]).max() < 1e-2


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
    piece = Piece(bpm=100, tempo="medium", tonic=3, mode="minor", lead="organ", style="chords")
    notes = compose(piece, 4 - music.LEAD_IN, random.Random(1))
    (clip,) = music.cut(rendering.render(music.score([notes], 4), rendering.find_sound_font(), 16000), 1, 4, 16000)
    frames = slice(10, 110)  # of the first bar, which has one chord
    middle = chroma(clip[frames.start * 320 : frames.stop * 320])[1]
    assert {note.pitch % 12 for note in notes if note.start < 2} == {3, 6, 10} == set(np.argsort(middle)[-3:])


def test_families_cover_every_instrument():
    assert family(DRUMS) == "drums" and family("slap bass") == "bass"
