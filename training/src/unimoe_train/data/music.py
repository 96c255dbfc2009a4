"""Sets of composed pieces, each with its captions and attributes."""

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from unimoe_train.data.captions import captions
from unimoe_train.data.clips import ClipSet, ClipWriter, is_made
from unimoe_train.data.composition import compose
from unimoe_train.data.loudness import fade_out, normalise
from unimoe_train.data.midi import Note
from unimoe_train.data.pieces import Piece, draw_ensemble, draw_solo
from unimoe_train.data.rendering import find_sound_font, missing, render
from unimoe_train.errors import BadInput
from unimoe_train.plan.score import LEAD_IN
from unimoe_train.recipe import DataRecipe
from unimoe_train.state import State

SCORE_PIECES = 50
"""Pieces rendered by one run of FluidSynth, most of whose time is the loading of the SoundFont."""

GAP = 1.6
"""Seconds between the pieces of a score, in which the last notes fade."""


def attributes(piece: Piece) -> dict:
    """A piece as it stands in the set's list."""
    return dict(
        bpm=piece.bpm, tempo=piece.tempo, mode=piece.mode, key=piece.key, meter=piece.meter, genre=piece.genre,
        inst=piece.lead, style=piece.style, drums=piece.drums, parts=piece.instruments,
    )  # fmt: skip


def score(pieces: list[list[Note]], seconds: float) -> list[Note]:
    """The notes of pieces, one after the other, `seconds + GAP` apart."""
    notes = []
    for index, piece in enumerate(pieces):
        start = index * (seconds + GAP) + LEAD_IN
        notes += [replace(note, start=note.start + start) for note in piece]
    return notes


def cut(samples: np.ndarray, count: int, seconds: float, rate: int) -> list[np.ndarray]:
    """The pieces of a rendered score, each `seconds` long and ending in silence."""
    length = int(seconds * rate)
    samples = np.pad(samples, (0, max(0, int(count * (seconds + GAP) * rate) - len(samples))))
    starts = [int(index * (seconds + GAP) * rate) for index in range(count)]
    return [normalise(fade_out(samples[start : start + length], rate)) for start in starts]


def make(
    state: State, recipe: DataRecipe, name: str, test: bool = False, step: Callable[[], None] = lambda: None
) -> None:
    """Makes the set `name`, or its held-out set, whose captions no training set has. `step` is called after each piece.

    Held-out sets are made after the training sets.
    """
    if reason := missing(recipe.sound_font):
        raise BadInput(f"data.music.{name}", reason)
    source = recipe.music[name]
    font = find_sound_font(recipe.sound_font)
    rng = random.Random(f"{name} {test}")
    unlike = trained_captions(state, recipe) if test else frozenset()
    draw = draw_ensemble if source.ensemble else draw_solo
    writer = ClipWriter()
    count = source.test_clips if test else source.clips
    for start in range(0, count, SCORE_PIECES):
        pieces = [draw(rng) for _ in range(min(SCORE_PIECES, count - start))]
        played = [compose(piece, source.seconds - LEAD_IN, rng) for piece in pieces]
        samples = render(score(played, source.seconds), font, recipe.sample_rate)
        for piece, clip in zip(pieces, cut(samples, len(pieces), source.seconds, recipe.sample_rate)):
            writer.append(
                clip,
                kind="m",
                caps=captions(piece, rng, unlike=unlike),
                **attributes(piece),
            )
            step()
    writer.save(state, f"{name}test" if test else name)


def trained_captions(state: State, recipe: DataRecipe) -> set[str]:
    """Every caption of the training sets that are made."""
    names = [name for name in recipe.music_sets() if is_made(state, name)]
    return {text for name in names for clip in ClipSet(state, name).clips for text in clip["caps"]}
