"""The letter-to-sound model: an n-gram of graphones, interpolated after Kneser and Ney (Chen and Goodman's modified form,
1998), of which those are left out that the model hardly misses (Stolcke, 1998)."""

from dataclasses import dataclass, field

import numpy as np

ORDER = 6
LEAST = 1e-7  # relative entropy, in nats a symbol, by which an n-gram that is kept improves the model
BEGIN, END = 0, 1
TINY = 1e-12


@dataclass
class Level:
    """All n-grams of one length, sorted by the place of their context and by their last symbol."""

    context: np.ndarray  # place among the shorter ones of the n-gram without its last symbol
    shorter: np.ndarray  # place among the shorter ones of the n-gram without its first symbol
    symbol: np.ndarray  # the last symbol
    seen: np.ndarray  # how often
    begins: np.ndarray  # whether it stands at the beginning of a word
    probability: np.ndarray = field(default_factory=lambda: np.ones(1))  # of the last symbol behind the others
    weight: np.ndarray = field(
        default_factory=lambda: np.ones(1)
    )  # of the shorter context where nothing longer is kept
    kept: np.ndarray = field(default_factory=lambda: np.ones(1, bool))


class Model:
    """levels[n]: the n-grams of n symbols; levels[0] is the empty one. All `symbols` are kept as n-grams of one."""

    def __init__(self, words: list[list[int]], symbols: int):
        self.levels = levels_of(words, symbols)
        for n in range(1, ORDER + 1):
            self._smooth(n)
        for n in range(ORDER, 1, -1):
            self._prune(n)
        self._normalise()

    def _smooth(self, n: int) -> None:
        level, before = self.levels[n], self.levels[n - 1]
        count = self._counts(n)
        discount = np.minimum(discounts_of(count)[np.minimum(count, 3)], count)
        total = np.maximum(np.bincount(level.context, count, len(before.symbol)), TINY)
        before.weight = np.bincount(level.context, discount, len(before.symbol)) / total
        before.weight[total <= TINY] = 1
        shorter = before.probability[level.shorter] if n > 1 else 1 / (len(level.symbol) - 1)
        level.probability = (count - discount) / total[level.context] + before.weight[level.context] * shorter
        level.weight, level.kept = np.ones(len(count)), np.ones(len(count), bool)

    def _counts(self, n: int) -> np.ndarray:
        """In how many contexts an n-gram is seen; how often, for the longest ones and those that begin a word."""
        level = self.levels[n]
        if n == ORDER:
            return level.seen
        kinds = np.bincount(self.levels[n + 1].shorter, minlength=len(level.symbol))
        return np.where(level.begins, level.seen * (n > 1), kinds)

    def _prune(self, n: int) -> None:
        """Keeps the n-grams that others begin with, and those whose loss would cost more than LEAST."""
        level, before = self.levels[n], self.levels[n - 1]
        context = level.context
        often = np.bincount(context, level.seen, len(before.symbol)) / self.levels[1].seen.sum()
        own, shorter = np.maximum(level.probability, TINY), self.probabilities(n - 1)[level.shorter]
        rest, shorter_rest = self._rests(n, shorter)
        weight = (rest[context] + own) / (shorter_rest[context] + shorter)
        lost = own * np.log(own / (shorter * weight))
        gained = rest[context] * np.log(weight * shorter_rest[context] / rest[context])
        used = np.zeros(len(own), bool)
        if n < ORDER:
            used[self.levels[n + 1].context[self.levels[n + 1].kept]] = True
        level.kept = (often[context] * (lost - gained) > LEAST) | used

    def _normalise(self) -> None:
        """Weights with which the probabilities that are left sum to 1 again."""
        for n in range(1, ORDER):
            rest, shorter_rest = self._rests(n + 1, self.probabilities(n)[self.levels[n + 1].shorter])
            self.levels[n].weight = rest / shorter_rest

    def _rests(self, n: int, shorter: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the kept n-grams leave of each context's probability, and of the shorter context's."""
        level, size = self.levels[n], len(self.levels[n - 1].symbol)
        context = level.context[level.kept]
        rest = 1 - np.bincount(context, level.probability[level.kept], size)
        shorter_rest = 1 - np.bincount(context, shorter[level.kept], size)
        return np.maximum(rest, 1e-6), np.maximum(shorter_rest, 1e-6)

    def probabilities(self, n: int) -> np.ndarray:
        """Of all n-grams, those left out by the shorter ones."""
        level = self.levels[n]
        if n == 1:
            return level.probability
        shorter = self.probabilities(n - 1)[level.shorter]
        return np.where(level.kept, level.probability, self.levels[n - 1].weight[level.context] * shorter)


def levels_of(words: list[list[int]], symbols: int) -> list[Level]:
    rows = [(BEGIN, *word, END) for word in words]
    flat = np.array([symbol for row in rows for symbol in row])
    lengths = np.array([len(row) for row in rows])
    position = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    zeros = np.zeros(symbols, int)
    single = np.arange(symbols)
    levels = [
        Level(zeros[:1], zeros[:1], zeros[:1], zeros[:1], zeros[:1] > 0),
        Level(zeros, zeros, single, np.bincount(flat, minlength=symbols), single == BEGIN),
    ]
    places = flat  # of the n-gram that ends here
    for n in range(2, ORDER + 1):
        here = np.flatnonzero(position >= n - 1)
        keys, first, found = np.unique(places[here - 1] * symbols + flat[here], return_index=True, return_inverse=True)
        begins = position[here[first]] == n - 1
        levels.append(
            Level(keys // symbols, places[here[first]], keys % symbols, np.bincount(found, minlength=len(keys)), begins)
        )
        places = np.zeros(len(flat), int)
        places[here] = found
    return levels


def discounts_of(count: np.ndarray) -> np.ndarray:
    """What n-grams seen once, twice and more often give to unseen ones."""
    n = np.bincount(np.minimum(count, 5), minlength=5)
    if not all(n[1:5]):
        return np.array([0.0, 0.5, 0.75, 0.9])
    y = n[1] / (n[1] + 2 * n[2])
    return np.array([0.0] + [max(0.05, i - (i + 1) * y * n[i + 1] / n[i]) for i in (1, 2, 3)])
