"""Which letter of a word each of its phonemes belongs to, learned from nothing but the words and their phonemes.

Every letter sounds as no phoneme, one or two. How likely each is for each letter is counted on the best alignments so
far, and the best alignments are found anew: expectation maximisation by best paths. It begins with phonemes spread
evenly.
"""

import math
from collections import Counter

MOST = 2  # phonemes of a letter: "x"
ROUNDS = 6
SAMPLE = 6000  # words that are learned from
SMOOTHING = 0.2  # added to every count

Phonemes = tuple[int, ...]


def places_of(words: dict[str, Phonemes]) -> dict[str, tuple[int, ...]]:
    """For every word the index of the letter that each phoneme belongs to, in ascending order."""
    known = [word for word, phonemes in words.items() if 0 < len(phonemes) <= MOST * len(word)]
    sample = known[:: max(1, len(known) // SAMPLE)]
    places = {word: spread(len(words[word]), len(word)) for word in sample}
    for _ in range(ROUNDS):
        sounds = Sounds(words, places)
        places = {word: best(word, words[word], sounds) for word in sample}
    sounds = Sounds(words, places)
    fitting = set(known)
    return {
        word: best(word, phonemes, sounds) if word in fitting else spread(len(phonemes), len(word))
        for word, phonemes in words.items()
    }


def spread(phonemes: int, letters: int) -> tuple[int, ...]:
    """The letters of so many phonemes that are spread evenly: the way of numbers and signs, which are no spelling."""
    return tuple(int((i + 0.5) / phonemes * letters) for i in range(phonemes))


class Sounds:
    """How unlikely it is that a letter sounds as none, one or two given phonemes: -log p(phonemes | letter)."""

    def __init__(self, words: dict[str, Phonemes], places: dict[str, tuple[int, ...]]):
        self.counts: Counter[tuple[str, Phonemes]] = Counter()
        self.totals: Counter[str] = Counter()
        for word, mine in places.items():
            for index, letter in enumerate(word):
                sound = tuple(phoneme for phoneme, place in zip(words[word], mine) if place == index)
                self.counts[letter, sound] += 1
                self.totals[letter] += 1
        self.kinds = len({sound for _, sound in self.counts}) + 1
        self.costs: dict[tuple[str, Phonemes], float] = {}

    def cost(self, letter: str, sound: Phonemes) -> float:
        key = letter, sound
        if key not in self.costs:
            share = (self.counts[key] + SMOOTHING) / (self.totals[letter] + SMOOTHING * self.kinds)
            self.costs[key] = -math.log(share)
        return self.costs[key]


def best(word: str, phonemes: Phonemes, sounds: Sounds) -> tuple[int, ...]:
    """The letters of a word's phonemes on the cheapest path; there are at most `MOST` phonemes to a letter."""
    count = len(phonemes)
    costs: list[float] = [0.0] + [math.inf] * count  # by phonemes that the letters so far have taken
    taken = []
    for letter in word:
        new, took = [math.inf] * (count + 1), [0] * (count + 1)
        for before, cost in enumerate(costs):
            if cost == math.inf:
                continue
            for number in range(min(MOST, count - before) + 1):
                value = cost + sounds.cost(letter, phonemes[before : before + number])
                if value < new[before + number]:
                    new[before + number], took[before + number] = value, number
        costs = new
        taken.append(took)
    places: list[int] = []
    left = count
    for index in range(len(word) - 1, -1, -1):
        places = [index] * taken[index][left] + places
        left -= taken[index][left]
    return tuple(places)
