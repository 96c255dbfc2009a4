"""Stops: whether a generation's length is one that its text can have."""

from dataclasses import dataclass

import numpy as np

from unimoe_train.data.clips import ClipSet, is_made
from unimoe_train.evaluate.generation import Take
from unimoe_train.recipe import DataRecipe
from unimoe_train.state import State

SPEECH_RANGE = (0.6, 1.7)  # shares of the length that a text of so many letters has
MARGIN = 0.6  # seconds on top, for pauses of short sentences
MUSIC_RANGE = (3.0, 10.0)  # seconds; the pieces that are learned from last 6.4


@dataclass(frozen=True)
class SpeechLengths:
    """Seconds of speech as a straight line over the number of characters, for each voice."""

    lines: dict[str, tuple[float, float]]  # seconds per character, seconds at none

    @staticmethod
    def of(state: State, recipe: DataRecipe) -> "SpeechLengths":
        """Fitted to each voice's first training set."""
        lines = {}
        for name in recipe.voices:
            if is_made(state, recipe.parts(name)[0]):
                clips = ClipSet(state, recipe.parts(name)[0]).clips
                characters = [len(clip["text"]) for clip in clips]
                lines[name] = tuple(np.polyfit(characters, [clip["n"] / state.sample_rate for clip in clips], 1))
        return SpeechLengths(lines)

    def expected(self, voice: str, text: str) -> float:
        slope, start = self.lines[voice]
        return slope * len(text) + start

    def are_plausible(self, take: Take) -> bool:
        expected = self.expected(take.voice, take.text)
        low, high = SPEECH_RANGE
        return low * expected - MARGIN <= take.seconds <= high * expected + MARGIN and take.seconds > 0.2


def is_plausible_music(take: Take) -> bool:
    return MUSIC_RANGE[0] <= take.seconds <= MUSIC_RANGE[1]
