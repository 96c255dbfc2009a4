"""The letter-to-sound model: an n-gram of graphones, smoothed after Kneser and Ney (Chen and Goodman's modified form), of
which rare long n-grams are left out."""

import math
from collections import Counter

from unimoe_train.lexicon.graphones import FIRST

ORDER = 6
MOST_SEEN = (0, 0, 0, 1, 1, 2)  # n-grams of 1, 2, … graphones that are seen no more often than this are left out
BEGIN, END = 0, 1

Ngram = tuple[int, ...]


class Model:
    """Natural logarithms of probabilities of n-grams, and of the weights of contexts where the shorter one decides."""

    def __init__(self, words: list[list[int]], symbols: int):
        seen = counts(words)
        kinds = continuations(seen)
        self.probability: dict[Ngram, float] = {}
        self.backoff: dict[Ngram, float] = {}
        self.uniform = math.log(1 / (symbols - FIRST + 1))
        for n in range(1, ORDER + 1):
            self._add(n, kinds[n])

    def _add(self, n: int, counted: dict[Ngram, int]) -> None:
        discounts = discounts_of(counted)
        least = MOST_SEEN[n - 1]
        total, freed = Counter(), Counter()
        for ngram, count in counted.items():
            total[ngram[:-1]] += count
            freed[ngram[:-1]] += discounts[min(count, 3)] if count > least else count
        for context, mass in freed.items():
            self.backoff[context] = math.log(mass / total[context])
        for ngram, count in counted.items():
            if count > least:
                context = ngram[:-1]
                own = (count - discounts[min(count, 3)]) / total[context]
                self.probability[ngram] = math.log(own + math.exp(self.backoff[context] + self.shorter(ngram[1:])))

    def shorter(self, ngram: Ngram) -> float:
        """The logarithm of the probability of an n-gram's last graphone behind the others."""
        weight = 0.0
        while ngram:
            found = self.probability.get(ngram)
            if found is not None:
                return weight + found
            weight += self.backoff.get(ngram[:-1], 0.0)
            ngram = ngram[1:]
        return weight + self.uniform

    def contexts(self) -> dict[Ngram, float]:
        """The weights of contexts that some n-gram which is left has."""
        used = {ngram[:-1] for ngram in self.probability}
        return {context: self.backoff[context] for context in sorted(used) if context}


def counts(words: list[list[int]]) -> list[Counter]:
    found = [Counter() for _ in range(ORDER + 1)]
    for word in words:
        row = (BEGIN, *word, END)
        for end in range(2, len(row) + 1):
            for n in range(1, min(ORDER, end) + 1):
                found[n][row[end - n : end]] += 1
    return found


def continuations(seen: list[Counter]) -> list[dict[Ngram, int]]:
    """In how many contexts an n-gram is seen; how often, for the longest ones and those that begin a word."""
    kinds: list[dict[Ngram, int]] = [{} for _ in seen]
    kinds[ORDER] = dict(seen[ORDER])
    for n in range(1, ORDER):
        found = Counter(ngram[1:] for ngram in seen[n + 1])
        kinds[n] = {g: count if g[0] == BEGIN else found[g] for g, count in seen[n].items()}
    return kinds


def discounts_of(counted: dict[Ngram, int]) -> list[float]:
    n = Counter(min(count, 4) for count in counted.values())
    if not all(n[i] for i in (1, 2, 3, 4)):
        return [0.0, 0.5, 0.75, 0.9]
    y = n[1] / (n[1] + 2 * n[2])
    return [0.0] + [max(0.05, i - (i + 1) * y * n[i + 1] / n[i]) for i in (1, 2, 3)]
