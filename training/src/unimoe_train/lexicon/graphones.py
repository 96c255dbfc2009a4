"""Graphones: a letter with the phonemes that it is heard as (Bisani and Ney, 2008). Both halves of a lexicon's file speak
of them: the pronunciations of its words, and the letter-to-sound model."""

from collections import Counter

LETTERS = "abcdefghijklmnopqrstuvwxyz"
LEAST = 10  # words that a graphone is seen in
MOST = 254  # graphones: with the beginning and the end of a word, a byte tells them apart
FIRST = 2  # number of the first graphone: 0 is the beginning of a word, 1 its end

Graphone = tuple[str, tuple[str, ...]]


class Graphones:
    """The graphones of each letter, the most frequent one first, numbered from FIRST on."""

    def __init__(self, words: list[list[Graphone]]):
        counts = Counter(graphone for word in words for graphone in word)
        kept = [g for g, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n >= LEAST][:MOST]
        self.of = {
            letter: sorted((g for g in kept if g[0] == letter), key=lambda g: (-counts[g], g)) for letter in LETTERS
        }
        self.all = [g for letter in LETTERS for g in self.of[letter]]
        self.number = {g: FIRST + i for i, g in enumerate(self.all)}
        self.rank = {g: rank for letter in LETTERS for rank, g in enumerate(self.of[letter])}

    def numbers(self, word: list[Graphone]) -> list[int] | None:
        """None where the word needs a graphone that is not kept."""
        numbers = [self.number.get(graphone) for graphone in word]
        return None if None in numbers else numbers
