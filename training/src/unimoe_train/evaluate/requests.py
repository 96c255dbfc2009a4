"""What a model is asked for: sentences and captions that it was not trained on."""

from dataclasses import dataclass

import numpy as np

from unimoe_train.data import speech
from unimoe_train.data.clips import ClipSet, is_made
from unimoe_train.data.music import trained_captions
from unimoe_train.evaluate.generation import Request
from unimoe_train.evaluate.tempo import states_number
from unimoe_train.recipe import Recipe
from unimoe_train.state import State

SPOKEN = "evaluation"  # the data set in which teachers speak the same sentences
SPEECH_SHARE = 0.8  # of the requests that have to end by themselves


def sentences(state: State, recipe: Recipe, count: int) -> list[tuple[str, str]]:
    """(voice, sentence) pairs, the voices in turn; the sentences are in no other set."""
    return speech.evaluation_sentences(recipe.data, speech.natural_sentences(state), count)


def speech_requests(state: State, recipe: Recipe, count: int) -> list[Request]:
    return [Request(number, text, voice) for number, (voice, text) in enumerate(sentences(state, recipe, count))]


@dataclass(frozen=True)
class HeldOutPiece:
    """A piece of a held-out set, and the caption it is asked for by."""

    clip: dict
    caption: str
    set: str
    index: int

    def samples(self, state: State) -> np.ndarray:
        """As it was rendered, with zeros to whole code frames."""
        return ClipSet(state, self.set).padded(self.index)


def held_out_pieces(state: State, recipe: Recipe) -> list[HeldOutPiece]:
    """The held-out music, the sets in turn; captions of training sets are passed over.

    Of a band's captions one that states the tempo is taken: its word alone would allow half of all tempi.
    """
    trained = trained_captions(state, recipe.data)
    sets = {
        f"{name}test": ClipSet(state, f"{name}test").clips
        for name in recipe.data.music
        if is_made(state, f"{name}test")
    }
    pieces = []
    for index in range(max(map(len, sets.values()), default=0)):
        for name, clips in sets.items():
            new = [text for text in clips[index]["caps"] if text not in trained] if index < len(clips) else []
            if new:
                stated = (
                    [text for text in new if states_number(clips[index], text)] if clips[index].get("genre") else []
                )
                pieces.append(HeldOutPiece(clips[index], (stated or new)[0], name, index))
    return pieces


def music_requests(state: State, recipe: Recipe, count: int) -> list[Request]:
    """Captions of the held-out pieces; where there are more requests than pieces, they come again with other seeds."""
    pieces = held_out_pieces(state, recipe)
    return [Request(number, pieces[number % len(pieces)].caption) for number in range(count)] if pieces else []


def spoken(state: State, recipe: Recipe, count: int) -> ClipSet:
    """The sentences as the teachers speak them; made where it is missing."""
    # Fewer than asked for: some came out too long and were left out.
    if not is_made(state, SPOKEN) or len(ClipSet(state, SPOKEN)) < 0.9 * count:
        speech.make_evaluation(state, recipe.data, count, SPOKEN)
    return ClipSet(state, SPOKEN)
