"""A sentence as the plan sees it: a row of states, and the codes of the speech channels in each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unimoe_train.plan.phonemes import PHONEMES, SILENCE, number

WITHIN, WORD, PUNCTUATION = range(3)  # kinds of what lies before a phoneme ahead
AHEAD = 2  # how many phonemes ahead are told
NOTHING = 3 * len(PHONEMES)


@dataclass(frozen=True)
class SpokenWord:
    """A word of a text: its characters are text[start:end]."""

    start: int
    end: int
    phonemes: tuple[int, ...]
    pause: bool = False  # whether punctuation stands before it

    @staticmethod
    def read(word: dict) -> "SpokenWord":
        """From a set's phoneme file. Throws `ValueError` where it is none, or has phonemes that nobody knows."""
        numbers = tuple(number(name) for name in word["phonemes"])
        if None in numbers or SILENCE in numbers:
            raise ValueError(f"expected ARPAbet, found {' '.join(word['phonemes'])}")
        return SpokenWord(int(word["start"]), int(word["end"]), numbers, bool(word["pause"]))


@dataclass
class Sentence:
    """The states of a sentence in order: its phonemes, and pauses that may be left out."""

    phonemes: np.ndarray  # [states]
    optional: np.ndarray  # [states] bool: pauses
    words: np.ndarray  # [states] index of the word; -1 in a pause
    ahead: np.ndarray  # [states, AHEAD] codes of the channels `ahead1`, `ahead2`

    @staticmethod
    def of(words: Sequence[SpokenWord], pauses_everywhere: bool = False) -> "Sentence":
        """Pauses before and after the sentence and at punctuation, or, for alignment, between any two words."""
        words = [word for word in words if word.phonemes]
        phonemes, places, kinds = [SILENCE], [-1], [WITHIN]
        for index, word in enumerate(words):
            if index and (word.pause or pauses_everywhere):
                phonemes.append(SILENCE), places.append(-1), kinds.append(WITHIN)
            phonemes += word.phonemes
            places += [index] * len(word.phonemes)
            kinds += [PUNCTUATION if index and word.pause else WORD] + [WITHIN] * (len(word.phonemes) - 1)
        phonemes.append(SILENCE), places.append(-1), kinds.append(WITHIN)
        words_of = np.array(places)
        return Sentence(np.array(phonemes), words_of < 0, words_of, codes_ahead(phonemes, kinds, words_of >= 0))

    def codes(self, walk: np.ndarray) -> np.ndarray:
        """The codes of phoneme, ahead1 and ahead2 [T, 3] of a walk, the state of every code frame [T]."""
        parity = np.cumsum(np.concatenate([[0], walk[1:] != walk[:-1]])) % 2
        return np.concatenate([(2 * self.phonemes[walk] + parity)[:, None], self.ahead[walk]], 1)

    def options(self, state: int) -> list[int]:
        """The states that may come after one (-1: before the first): up to the first that is no pause."""
        found = []
        for later in range(state + 1, len(self.phonemes)):
            found.append(later)
            if not self.optional[later]:
                break
        return found

    def may_end(self, state: int) -> bool:
        return state >= 0 and bool(self.optional[state + 1 :].all())


def codes_ahead(phonemes: list[int], kinds: list[int], spoken: np.ndarray) -> np.ndarray:
    """3 * phoneme + kind of the next phonemes of every state [states, AHEAD], `NOTHING` behind the last."""
    result = np.full((len(phonemes), AHEAD), NOTHING, np.int64)
    places = np.flatnonzero(spoken)
    for state in range(len(phonemes)):
        kind = WITHIN
        for column, place in enumerate(places[np.searchsorted(places, state, "right") :][:AHEAD]):
            kind = max(kind, kinds[place])
            result[state, column] = 3 * phonemes[place] + kind
    return result
