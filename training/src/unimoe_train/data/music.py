"""Sets of composed pieces, each with its captions, its attributes and its plan."""

import zlib
from collections.abc import Callable

import numpy as np

from unimoe_train.data.clips import ClipSet, ClipWriter, is_made
from unimoe_train.data.composer import Piece, compose
from unimoe_train.data.rendering import find_sound_font, missing, render_pieces
from unimoe_train.errors import BadInput
from unimoe_train.plan.channels import MUSIC_CHANNELS
from unimoe_train.program import find_program
from unimoe_train.recipe import DataRecipe
from unimoe_train.state import State

SCORE_PIECES = 25
"""Pieces rendered by one run of FluidSynth, which begins with loading the SoundFont."""

CAPTIONS, HELD_OUT_CAPTIONS = 6, 16
"""Wordings that a piece has, and that are written for a held-out one, some of which training sets may have."""


def make(
    state: State,
    recipe: DataRecipe,
    name: str,
    program: str | None = None,
    test: bool = False,
    step: Callable[[], None] = lambda: None,
) -> None:
    """Makes the set `name`, or its held-out set, whose captions no training set has, of what the engine's `program`
    composes. `step` is called after each piece.

    Held-out sets are made after the training sets.
    """
    if reason := missing(recipe.sound_font):
        raise BadInput(f"data.music.{name}", reason)
    source, font, composer = recipe.music[name], find_sound_font(recipe.sound_font), str(find_program(program))
    trained = trained_captions(state, recipe) if test else set()
    writer, plans = ClipWriter(), []
    count, seed = source.test_clips if test else source.clips, first_seed(name, test)
    for start in range(0, count, SCORE_PIECES):
        pieces = compose(
            composer,
            seed + start,
            min(SCORE_PIECES, count - start),
            (source.seconds, max(source.seconds, source.longest)),
            HELD_OUT_CAPTIONS if test else CAPTIONS,
        )
        sounds = render_pieces([(piece.notes, piece.seconds) for piece in pieces], font, recipe.sample_rate)
        for piece, samples in zip(pieces, sounds):
            writer.append(samples, kind="m", caps=wordings(piece, trained), **piece.attributes)
            plans.append(piece.plan)
            step()
    plan = {channel: np.concatenate([piece[channel] for piece in plans]) for channel in MUSIC_CHANNELS} if plans else {}
    writer.save(state, f"{name}test" if test else name, plan)


def first_seed(name: str, test: bool) -> int:
    """The number of a set's first piece: no other set has its pieces."""
    return zlib.crc32(f"{name} {test}".encode()) << 20


def wordings(piece: Piece, trained: set[str]) -> list[str]:
    """A piece's captions, new ones if there are any."""
    new = [caption for caption in piece.captions if caption not in trained]
    return (new or piece.captions)[:CAPTIONS]


def trained_captions(state: State, recipe: DataRecipe) -> set[str]:
    """Every caption of the training sets that are made."""
    names = [name for name in recipe.music_sets() if is_made(state, name)]
    return {text for name in names for clip in ClipSet(state, name).clips for text in clip["caps"]}
