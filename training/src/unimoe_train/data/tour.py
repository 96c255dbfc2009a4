"""A tour of General MIDI: every instrument by itself, and the drums, for the codec alone, which has to carry any of them.

Random phrases over the whole keyboard: single notes short and long, soft and loud, runs and chords. They need no composer: what
matters is that no timbre is new to the codec.
"""

import random
from collections.abc import Callable

from unimoe_train.data import midi
from unimoe_train.data.clips import ClipWriter
from unimoe_train.data.music import SCORE_PIECES
from unimoe_train.data.rendering import find_sound_font, missing, render_pieces
from unimoe_train.errors import BadInput
from unimoe_train.plan.score import LEAD_IN
from unimoe_train.recipe import DataRecipe
from unimoe_train.state import State

NAME = "tour"
SECONDS = 6.4
PROGRAMS = 128
DRUM_EVERY = 16  # one clip in so many is of drums alone
PITCHES, STROKES = range(31, 97), range(35, 82)
LENGTHS = (0.08, 0.15, 0.3, 0.6, 1.2, 2.4)  # seconds


def make(state: State, recipe: DataRecipe, step: Callable[[], None] = lambda: None) -> None:
    """Makes the set NAME of `recipe.tour` clips."""
    if reason := missing(recipe.sound_font):
        raise BadInput("data.tour", reason)
    rng, writer, font = random.Random(NAME), ClipWriter(), find_sound_font(recipe.sound_font)
    programs = [None if number % DRUM_EVERY == 0 else number % PROGRAMS for number in range(recipe.tour)]
    rng.shuffle(programs)
    for start in range(0, len(programs), SCORE_PIECES):
        these = programs[start : start + SCORE_PIECES]
        phrases = [(phrase(program, rng), SECONDS) for program in these]
        for program, clip in zip(these, render_pieces(phrases, font, recipe.sample_rate)):
            writer.append(clip, kind="m", caps=[], program=program)
            step()
    writer.save(state, NAME)


def phrase(program: int | None, rng: random.Random) -> list[midi.Note]:
    """Notes of one instrument, or strokes of the drums where it is None, for SECONDS."""
    notes, time = [], LEAD_IN
    middle = rng.choice(PITCHES)
    while time < SECONDS - 0.3:
        length = min(rng.choice(LENGTHS), SECONDS - 0.2 - time)
        pitches = STROKES if program is None else [p for p in PITCHES if abs(p - middle) <= 14]
        for pitch in rng.sample(list(pitches), rng.choice((1, 1, 1, 2, 3))):
            notes.append(midi.Note(time, length * rng.uniform(0.5, 1.0), pitch, rng.randint(35, 120), program))
        time += length
    return notes
